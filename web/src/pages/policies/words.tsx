import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';

/** What became of what a host was given. */
export function GivenWord({ given }: { given: Schema['PolicyGiven'] | null | undefined }) {
  const { t } = useTranslation();
  if (!given) return <span className="absent">—</span>;
  const look = given.state === 'in_force' ? 'is-good' : given.state === 'refused' ? 'is-warn' : '';
  return <span className={`chip ${look}`}>{t(`policy.stateOf.${given.state}`)}</span>;
}
