// A virtualised table: thousands of rows, a few dozen in the document. Rows take the focus: arrows move, Enter opens, Home and
// End jump. It asks for more as the end comes near. It sorts only when told to, and only what is loaded.
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { createColumnHelper, createSortedRowModel, type RowData, rowSortingFeature, sortFn_alphanumeric, sortFn_basic, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { usePrefs } from '../shell/prefs';

export interface Column<R> {
  id: string;
  header: string;
  /** A track of the grid: `120px`, `minmax(80px, 1fr)`. */
  width: string;
  cell: (row: R) => ReactNode;
  numeric?: boolean;
  /** What to sort by; a column without one is not sortable. */
  value?: (row: R) => string | number;
}

interface Props<R> {
  label: string;
  columns: Column<R>[];
  rows: R[];
  rowKey: (row: R, index: number) => string;
  onOpen?: (row: R) => void;
  selected?: string;
  onNearEnd?: () => void;
  height?: number;
  className?: string;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
});
const nearEnd = 20;

export function DataTable<R extends RowData>({ label, columns, rows, rowKey, onOpen, selected, onNearEnd, height, className }: Props<R>) {
  const scroll = useRef<HTMLDivElement>(null);
  const { preferences } = usePrefs();
  const rowHeight = preferences.density === 'compact' ? 24 : 32;
  const table = useTable({
    features,
    data: rows,
    columns: useMemo(() => tableColumns(columns), [columns]),
    enableSortingRemoval: true,
  });
  const ordered = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: ordered.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onNearEnd && ordered.length > 0 && last >= ordered.length - nearEnd) onNearEnd();
  }, [last, ordered.length, onNearEnd]);

  const [active, setActive] = useState(0);
  const focusOn = (index: number) => {
    const to = Math.max(0, Math.min(ordered.length - 1, index));
    setActive(to);
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 2);
    const moves: Record<string, number> = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: ordered.length - 1 };
    const to = moves[event.key];
    const row = ordered[index];
    if (to !== undefined) focusOn(to);
    else if ((event.key === 'Enter' || event.key === ' ') && onOpen && row) onOpen(row.original);
    else return;
    event.preventDefault();
  };
  // The rows keep the same handlers, so that scrolling draws only those that come in.
  const latest = useRef({ onKey, onOpen });
  latest.current = { onKey, onOpen };
  const handlers = useMemo<Handlers>(() => ({ focus: setActive, key: (event, index) => latest.current.onKey(event, index), open: (row) => latest.current.onOpen?.(row as R) }), []);
  const style = { '--columns': columns.map((column) => column.width).join(' '), '--least': `${leastWidth(columns)}px`, ...(height ? { height } : {}) } as CSSProperties;
  const reachable = Math.min(active, Math.max(0, ordered.length - 1));
  const shown = items.some((item) => item.index === reachable) ? reachable : items[0]?.index;

  return (
    <div ref={scroll} className={`grid ${className ?? 'is-page'}`} role="grid" aria-label={label} aria-rowcount={ordered.length + 1} style={style}>
      <div role="rowgroup" className="sticky">
        <div role="row" aria-rowindex={1}>
          {table.getFlatHeaders().map((header, index) => (
            <Header key={header.id} column={columns[index]} sorted={header.column.getIsSorted()} sortable={header.column.getCanSort()} toggle={() => header.column.toggleSorting()} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="space" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = ordered[item.index];
          if (!row) return null;
          const key = rowKey(row.original, item.index);
          return <Row key={key} row={row.original} columns={columns as Column<unknown>[]} index={item.index} start={item.start} selected={selected === undefined ? undefined : selected === key} reachable={item.index === shown} opens={onOpen !== undefined} handlers={handlers} />;
        })}
      </div>
    </div>
  );
}

interface Handlers {
  focus: (index: number) => void;
  key: (event: KeyboardEvent, index: number) => void;
  open: (row: unknown) => void;
}

interface RowProps {
  row: unknown;
  columns: Column<unknown>[];
  index: number;
  start: number;
  selected: boolean | undefined;
  reachable: boolean;
  opens: boolean;
  handlers: Handlers;
}

const Row = memo(function Row({ row, columns, index, start, selected, reachable, opens, handlers }: RowProps) {
  return (
    <div
      role="row"
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={reachable ? 0 : -1}
      onFocus={() => handlers.focus(index)}
      onKeyDown={(event) => handlers.key(event, index)}
      onClick={opens ? () => handlers.open(row) : undefined}
      style={{ transform: `translateY(${start}px)`, cursor: opens ? 'pointer' : undefined }}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={column.numeric ? 'num' : undefined}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
});

const gap = 12;

/** Narrower than this, the table scrolls sideways: the least of each track, the gaps, the padding. */
function leastWidth(columns: { width: string }[]): number {
  return columns.reduce((sum, { width }) => sum + gap + Number(/(\d+)px/.exec(width)?.[1] ?? 0), 22 - gap);
}

function tableColumns<R extends RowData>(columns: Column<R>[]) {
  const helper = createColumnHelper<typeof features, R>();
  return columns.map((column) =>
    column.value
      ? helper.accessor(column.value as (row: R) => unknown, { id: column.id, header: column.header, sortFn: column.numeric ? 'basic' : 'alphanumeric' })
      : helper.display({ id: column.id, header: column.header }),
  );
}

interface HeaderProps<R> {
  column: Column<R> | undefined;
  sorted: false | 'asc' | 'desc';
  sortable: boolean;
  toggle: () => void;
}

function Header<R>({ column, sorted, sortable, toggle }: HeaderProps<R>) {
  if (!column) return null;
  const order = sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none';
  const canSort = sortable && column.value !== undefined;
  return (
    <div role="columnheader" className={column.numeric ? 'num' : undefined} aria-sort={canSort ? order : undefined}>
      {canSort ? (
        <button type="button" onClick={toggle}>
          {column.header}
          {sorted === 'asc' && <IconArrowUp size={12} aria-hidden />}
          {sorted === 'desc' && <IconArrowDown size={12} aria-hidden />}
        </button>
      ) : (
        column.header
      )}
    </div>
  );
}
