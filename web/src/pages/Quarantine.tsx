import { useTranslation } from 'react-i18next';
import { QuarantineOf } from './QuarantineOf';

/** The vaults of every host. */
export function Quarantine() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.quarantine')}</h1>
      </div>
      <QuarantineOf />
    </div>
  );
}
