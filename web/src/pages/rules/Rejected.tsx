import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { Hostile } from '../../parts/Hostile';

/** Rules that cannot be used, each with why. */
export function Rejected({ rejected }: { rejected: Schema['RejectedRule'][] }) {
  const { t } = useTranslation();
  return rejected.map((one, index) => (
    <p key={index} className="note is-error wrap">
      <strong>{t('rule.notUsable')}</strong> <Hostile text={one.reason} limit={600} />
    </p>
  ));
}
