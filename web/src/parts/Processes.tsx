import { useTranslation } from 'react-i18next';
import type { Schema } from '../api/client';
import { Hostile } from './Hostile';

/** Processes that an order would end, the first of them by name. */
export function Processes({ processes, most }: { processes: Schema['ProcessFacts'][]; most: number }) {
  const { t } = useTranslation();
  if (processes.length === 0) return null;
  return (
    <ul className="pre" tabIndex={0} aria-label={t('respond.ends', { count: processes.length })}>
      {processes.slice(0, most).map((process) => (
        <li key={process.entity_id}>
          {process.pid} <Hostile text={process.command_line || process.name} limit={160} />
        </li>
      ))}
      {processes.length > most && <li>{t('list.andMore', { count: processes.length - most })}</li>}
    </ul>
  );
}
