// Indicators among the node's rules: each is kept as a rule whose name says its kind and value, and whose title its note.
import type { Schema } from '../../api/client';

export const kinds = ['ip', 'domain', 'sha256', 'path'] as const;

export interface Known {
  name: string;
  kind: (typeof kinds)[number] | undefined;
  value: string;
  note: string;
  added: string;
  by: string;
  told: number;
  shed: number;
  history: Schema['HistorySearch'];
}

const form = /^indicator-(ip|domain|sha256|path)-(.*)$/s;
const title = /^title:\s*(.*)$/m;
const id = /^id:\s*(\S+)/m;

/** What stands in brackets at the title's end. */
function noteOf(text: string): string {
  const line = title.exec(text)?.[1]?.replace(/^['"]|['"]$/g, '') ?? '';
  return /\((.*)\)$/s.exec(line)?.[1] ?? '';
}

export function knownOf({ items, told }: Schema['NodeRuleList']): Known[] {
  const counts = new Map(told.map((one) => [one.rule_id, one]));
  return items
    .filter((rule) => rule.kind === 'indicator')
    .map((rule) => {
      const parts = form.exec(rule.name);
      const count = counts.get(id.exec(rule.text)?.[1] ?? '');
      return { name: rule.name, kind: kinds.find((kind) => kind === parts?.[1]), value: parts?.[2] ?? rule.name, note: noteOf(rule.text), added: rule.added, by: rule.added_by, told: count?.alerts ?? 0, shed: count?.shed ?? 0, history: rule.history };
    });
}
