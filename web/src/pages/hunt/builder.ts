// A question put together from parts → SQL as a person would write it. Names come from the node's own schema; values are quoted
// here, so that a quote in one never ends it.

export interface Condition {
  column: string;
  operator: Operator;
  value: string;
}

export interface Question {
  table: string;
  /** Shown; with `count` they are what is counted by. */
  columns: string[];
  conditions: Condition[];
  /** Any of them, instead of all. */
  any: boolean;
  /** Only the last so many hours; 0 for all that is stored. */
  hours: number;
  count: boolean;
  limit: number;
}

export const operators = ['is', 'is-not', 'contains', 'begins', 'ends', 'one-of', 'more', 'less', 'known', 'unknown'] as const;
export type Operator = (typeof operators)[number];
export type Types = ReadonlyMap<string, string>;

/** Those that make sense for a column of this type. */
export function operatorsFor(type: string | undefined): readonly Operator[] {
  if (type === 'number' || type === 'time') return ['is', 'is-not', 'more', 'less', 'one-of', 'known', 'unknown'];
  if (type === 'boolean') return ['is', 'is-not', 'known', 'unknown'];
  return ['is', 'is-not', 'contains', 'begins', 'ends', 'one-of', 'known', 'unknown'];
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
/** `LIKE` reads `%`, `_` and `\`; written out they mean themselves. */
const literal = (text: string) => text.replace(/[\\%_]/g, (one) => `\\${one}`);
const name = (column: string) => (/^[a-z_][a-z0-9_]*$/.test(column) ? column : `"${column.replaceAll('"', '""')}"`);

/** Null where the value does not fit the column. */
function value(text: string, type: string | undefined): string | null {
  const trimmed = text.trim();
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(trimmed) ? trimmed : null;
  if (type === 'boolean') return /^(true|false)$/i.test(trimmed) ? trimmed.toLowerCase() : null;
  if (type === 'time') return Number.isNaN(Date.parse(trimmed)) ? null : `TIMESTAMP ${quoted(trimmed)}`;
  return quoted(text);
}

function written({ column, operator, value: text }: Condition, types: Types): string | null {
  const type = types.get(column);
  const left = name(column);
  if (operator === 'known') return `${left} IS NOT NULL`;
  if (operator === 'unknown') return `${left} IS NULL`;
  if (operator === 'contains') return `${left} LIKE ${quoted(`%${literal(text)}%`)}`;
  if (operator === 'begins') return `${left} LIKE ${quoted(`${literal(text)}%`)}`;
  if (operator === 'ends') return `${left} LIKE ${quoted(`%${literal(text)}`)}`;
  if (operator === 'one-of') {
    const all = text.split(',').map((one) => value(one.trim(), type));
    return all.includes(null) ? null : `${left} IN (${all.join(', ')})`;
  }
  const right = value(text, type);
  const sign = { is: '=', 'is-not': '<>', more: '>', less: '<' }[operator];
  return right === null ? null : `${left} ${sign} ${right}`;
}

/** Places of conditions that cannot be written. */
export const wrong = (question: Question, types: Types): number[] => question.conditions.flatMap((one, index) => (written(one, types) === null ? [index] : []));

export function sqlOf(question: Question, types: Types): string {
  const columns = question.columns.map(name);
  const conditions = question.conditions.flatMap((one) => written(one, types) ?? []);
  const joined = conditions.join(question.any ? '\n   OR ' : '\n  AND ');
  const recent = question.hours > 0 ? `timestamp > now() - INTERVAL '${question.hours} hours'` : '';
  const together = question.any && conditions.length > 1 && recent ? `(${joined})` : joined;
  const where = [together, recent].filter((part) => part !== '').join('\n  AND ');
  const lines = [
    `SELECT ${[...columns, ...(question.count ? ['count(*) AS n'] : [])].join(', ')}`,
    `FROM ${name(question.table)}`,
    ...(where ? [`WHERE ${where}`] : []),
    ...(question.count && columns.length > 0 ? [`GROUP BY ${columns.join(', ')}`] : []),
    ...(question.count ? ['ORDER BY n DESC'] : types.has('timestamp') ? ['ORDER BY timestamp DESC'] : []),
    `LIMIT ${question.limit}`,
  ];
  return lines.join('\n');
}
