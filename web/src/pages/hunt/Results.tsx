// The answer: rows, who could answer, how long it took; out as CSV or JSON.
import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HuntResult } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { type Column, DataTable } from '../../parts/DataTable';
import { Hostile } from '../../parts/Hostile';
import { Empty } from '../../parts/states';
import { printable } from '../../text/printable';
import { ActOn } from './ActOn';
import { asCsv, asJson, save } from './export';
import { canAct, placesOf } from './targets';

type Row = HuntResult['rows'][number];
/** Targets of one order; the node takes no more. */
const mostChosen = 50;
const number = /int|float|double|decimal|unsigned|signed|number/i;

const shown = (value: unknown): string | null => (value === null || value === undefined ? null : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Wide enough for the longest of the first rows, within reason. */
function widthOf(name: string, index: number, rows: Row[]): string {
  const longest = rows.slice(0, 60).reduce((most, row) => Math.max(most, shown(row[index])?.length ?? 1), name.length + 2);
  return `minmax(${Math.min(Math.max(longest * 7 + 8, 70), 240)}px, ${Math.min(Math.max(longest, 6), 120)}fr)`;
}

export function Results({ result }: { result: HuntResult }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<ReadonlySet<Row>>(new Set());
  const places = useMemo(() => placesOf(result.columns), [result]);
  const actable = canAct(places);
  const shownColumns = useMemo<Column<Row>[]>(
    () =>
      result.columns.map(({ name, type }, index) => ({
        id: `${index} ${name}`,
        header: name,
        width: widthOf(name, index, result.rows),
        numeric: number.test(type),
        value: (row) => (typeof row[index] === 'number' ? (row[index] as number) : (shown(row[index]) ?? '')),
        cell: (row) => <Hostile code text={shown(row[index])} limit={400} />,
      })),
    [result],
  );
  const toggle = (row: Row, on: boolean) =>
    setChosen((old) => {
      const next = new Set(old);
      if (on) next.add(row);
      else next.delete(row);
      return next;
    });
  const box: Column<Row> = {
    id: 'choose',
    header: '',
    width: '26px',
    cell: (row) => <input type="checkbox" className="choose-row" checked={chosen.has(row)} disabled={!chosen.has(row) && chosen.size >= mostChosen} onChange={(event) => toggle(row, event.currentTarget.checked)} onClick={(event) => event.stopPropagation()} aria-label={t('hunt.choose')} data-testid="choose" />,
  };
  const columns = actable ? [box, ...shownColumns] : shownColumns;
  const { coverage } = result;
  return (
    <>
      <div className="foot-line" style={{ borderTop: 0, flexWrap: 'wrap' }}>
        <span data-testid="hunt-summary">{t('hunt.summary', { count: result.rows.length, rows: format.number(result.rows.length), scanned: format.number(result.scanned_rows), time: format.duration(result.elapsed_ms) })}</span>
        {result.truncated && <span className="chip is-warn">{t('hunt.truncated')}</span>}
        <span>{t('hunt.coverage', { answered: format.number(coverage.answered), hosts: format.number(coverage.hosts) })}</span>
        {coverage.offline.length > 0 && (
          <span className="chip is-warn">{t('hunt.offline', { list: printable(format.list(coverage.offline)) })}</span>
        )}
        {coverage.behind.length > 0 && (
          <span className="chip is-warn">{t('hunt.behind', { list: printable(format.list(coverage.behind)) })}</span>
        )}
        <span style={{ marginInlineStart: 'auto', display: 'flex', gap: 8 }}>
          {actable && <ActOn rows={[...chosen]} places={places} />}
          <Button variant="default" onClick={() => save('hunt.csv', 'text/csv', asCsv(result))}>
            CSV
          </Button>
          <Button variant="default" onClick={() => save('hunt.json', 'application/json', asJson(result))}>
            JSON
          </Button>
        </span>
      </div>
      {result.rows.length === 0 ? <Empty text={t('hunt.nothing')} /> : <DataTable label={t('hunt.results')} columns={columns} rows={result.rows} rowKey={(_, index) => String(index)} />}
    </>
  );
}
