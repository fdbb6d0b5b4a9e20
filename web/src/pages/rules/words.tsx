import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { known } from '../../parts/hostWords';
import { kinds } from './filter';

export function KindWord({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const word = known(kinds, kind);
  return <>{word ? t(`rule.kindOf.${word}`) : kind}</>;
}

/** Where it runs, or that it cannot. */
export function RuleState({ rule }: { rule: Schema['RuleSummary'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (rule.rejected != null) return <span className="chip is-warn">{t('rule.notUsable')}</span>;
  if (rule.node != null) return <span className="chip">{t('nodeRule.onNode')}</span>;
  if (rule.builtin) return <span className="muted">{t('rule.everywhere')}</span>;
  return <span className="muted clip">{t('rule.onHosts', { hosts: format.list(rule.hosts) })}</span>;
}
