import { useTranslation } from 'react-i18next';
import { known } from './hostWords';

const actions = ['allow', 'alert', 'deny', 'kill', 'quarantine'] as const;

/** What was done, and whether it worked. A failed action is never shown as done. */
export function ActionWord({ action, outcome }: { action: string; outcome: string }) {
  const { t } = useTranslation();
  const word = known(actions, action);
  const name = word ? t(`decision.${word}`) : action;
  if (outcome === 'failed') return <span className="chip is-warn">{t('decision.failed', { action: name })}</span>;
  if (outcome === 'done') return <span className="chip is-good">{t('decision.done', { action: name })}</span>;
  return <span className="muted">{name}</span>;
}
