// One run of a package manager is one row, however many pieces it was told in.
import { describe, expect, it } from 'vitest';
import type { IntegrityChange } from '../src/api/client';
import { foldRuns } from '../src/pages/integrityFold';

const row = (id: string, what: IntegrityChange['what'], run: string | undefined, files: number, packages: string | null = null) =>
  ({ id, what, files, host_id: 'h', package: packages, paths: [`/p/${id}`], who: run ? { entity_id: run } : null }) as unknown as IntegrityChange;

const check = (rows: IntegrityChange[], expected: [string, string, number][]) => expect(foldRuns(rows).map((one) => [one.id, one.what, one.files])).toEqual(expected);

describe('folding', () => {
  it('adds up the pieces of a run, where the newest stood', () => {
    check([row('4', 'expected', 'a', 5), row('3', 'modify', 'x', 1), row('2', 'expected', 'a', 7), row('1', 'expected', 'b', 2)], [
      ['4', 'expected', 12],
      ['3', 'modify', 1],
      ['1', 'expected', 2],
    ]);
  });
  it('lets go what was unverified once it was held against digests, and shows what is still open', () => {
    check([row('3', 'expected', 'a', 5), row('2', 'unverified', 'a', 5)], [['3', 'expected', 5]]);
    check([row('2', 'unverified', 'a', 5), row('1', 'unverified', 'a', 4)], [['2', 'unverified', 9]]);
    check([row('2', 'unverified', 'a', 5), row('1', 'expected', 'a', 4)], [
      ['2', 'unverified', 5],
      ['1', 'expected', 4],
    ]);
  });
  it('names every package once', () => {
    expect(foldRuns([row('2', 'expected', 'a', 1, 'x 1, y 2'), row('1', 'expected', 'a', 1, 'y 2')])[0]?.package).toBe('x 1, y 2');
  });
});
