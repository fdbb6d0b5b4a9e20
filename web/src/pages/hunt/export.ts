// A hunt's answer as a file. Values come from hosts, so a cell that a spreadsheet would run as a formula is disarmed.
import type { HuntResult } from '../../api/client';

const formula = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = typeof value === 'string' && formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180, with a heading line. */
export function asCsv(result: Pick<HuntResult, 'columns' | 'rows'>): string {
  const lines = [result.columns.map((column) => column.name), ...result.rows];
  return lines.map((line) => line.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** One object a row. */
export function asJson(result: Pick<HuntResult, 'columns' | 'rows'>): string {
  const names = result.columns.map((column) => column.name);
  return JSON.stringify(
    result.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
    null,
    1,
  );
}

export function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
