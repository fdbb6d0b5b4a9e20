// The case as a file for somebody else. The node writes it, in the reader's language where it is for people.
import { useTranslation } from 'react-i18next';
import { Menu } from '../../parts/Menu';

const forms = ['html', 'pdf', 'json', 'stix', 'navigator'] as const;

export function ExportMenu({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language === 'ja' ? 'ja' : 'en';
  return (
    <Menu label={t('case.export')} testid="export">
      {forms.map((form) => (
        <li key={form}>
          <a href={`/api/v1/incidents/${encodeURIComponent(id)}/export?${new URLSearchParams({ format: form, language }).toString()}`} download>
            {t(`case.form.${form}`)}
          </a>
        </li>
      ))}
    </Menu>
  );
}
