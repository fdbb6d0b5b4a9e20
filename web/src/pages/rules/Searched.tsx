import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';

/** What the search through the stored history came to. One that was cut or failed is never shown as done. */
export function Searched({ history }: { history: Schema['HistorySearch'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bad = history.state === 'failed' || history.state === 'cut';
  return (
    <p className="wrap" data-testid="searched" data-state={history.state}>
      {t('history.title')}: <span className={bad ? 'chip is-warn' : 'strong'}>{t(`history.state.${history.state}`)}</span>
      {(history.state === 'done' || history.state === 'cut') && <> · {t('history.sum', { hits: format.number(history.hits), events: format.number(history.events), alerts: format.number(history.alerts) })}</>}
      {history.untold > 0 && <> · {t('history.untold', { count: history.untold })}</>}
      {history.detail !== '' && (
        <>
          {' · '}
          <Hostile text={history.detail} limit={300} />
        </>
      )}
    </p>
  );
}
