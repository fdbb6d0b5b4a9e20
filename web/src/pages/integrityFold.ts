// What a package manager did in one run is told in pieces, a few a second: here it is one row. What it made before its list
// came is told as unverified, and left out once anything newer of the same run was held against its digests.
import type { IntegrityChange } from '../api/client';

/** What nobody has to look at. */
export const isExpected = (row: IntegrityChange) => row.what === 'expected' || row.what === 'unverified' || row.what === 'baseline';

const isFold = (row: IntegrityChange) => row.what === 'expected' || row.what === 'unverified';
const paths = 20;

const names = (packages: (string | null | undefined)[]) => {
  const all = new Set(packages.flatMap((text) => text?.split(', ') ?? []).filter((name) => name !== ''));
  return all.size === 0 ? null : [...all].join(', ');
};

/** `rows` newest first; a run stands where its newest piece stood. */
export function foldRuns(rows: IntegrityChange[]): IntegrityChange[] {
  const runs = new Map<string, number>();
  const out: IntegrityChange[] = [];
  for (const row of rows) {
    if (!isFold(row) || !row.who) {
      out.push(row);
      continue;
    }
    const run = `${row.host_id ?? ''} ${row.who.entity_id}`;
    if (row.what === 'unverified' && runs.has(`${run} expected`)) continue;
    const at = runs.get(`${run} ${row.what}`);
    const known = at === undefined ? undefined : out[at];
    if (at === undefined || !known) {
      runs.set(`${run} ${row.what}`, out.length);
      out.push(row);
      continue;
    }
    out[at] = { ...known, files: known.files + row.files, package: names([known.package, row.package]), paths: [...known.paths, ...row.paths].slice(0, paths) };
  }
  return out;
}
