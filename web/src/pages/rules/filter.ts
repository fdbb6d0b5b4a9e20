// Which rules a list shows: by words in id, title, technique and file, by kind, by severity, by whether they run and told.
import type { Schema } from '../../api/client';

export const kinds = ['sigma', 'sequence', 'yara', 'detector'] as const;
export const states = ['told', 'silent', 'node', 'operator', 'unusable'] as const;
const grave = ['info', 'low', 'medium', 'high', 'critical'];

export interface RuleFilter {
  text?: string;
  kind?: string;
  severity?: string;
  state?: string;
}
type Rule = Schema['RuleSummary'];

const inState: Record<string, (rule: Rule) => boolean> = {
  told: (rule) => rule.alerts > 0,
  silent: (rule) => rule.alerts === 0,
  node: (rule) => rule.node != null,
  operator: (rule) => !rule.builtin,
  unusable: (rule) => rule.rejected != null,
};

export function visible(all: readonly Rule[], { text, kind, severity, state }: RuleFilter): Rule[] {
  const word = text?.trim().toLowerCase();
  const holds = (rule: Rule) => [rule.id, rule.title, rule.file ?? '', ...rule.techniques, ...rule.hosts].some((one) => one.toLowerCase().includes(word ?? ''));
  return all.filter((rule) => (!word || holds(rule)) && (!kind || rule.kind === kind) && (!severity || grave.indexOf(rule.severity ?? '') >= grave.indexOf(severity)) && (!state || (inState[state]?.(rule) ?? true)));
}
