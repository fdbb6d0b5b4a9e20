// The same forest as a table: for the keyboard, for screen readers, and for whoever likes to read. In step with the picture:
// choosing here chooses there.
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format';
import { Hostile } from '../parts/Hostile';
import { Severity, severityOf } from '../parts/Severity';
import { usePrefs } from '../shell/prefs';
import { type Branch, rows } from './forest';

interface Props {
  root: Branch;
  chosen: string | undefined;
  choose: (id: string) => void;
  unfold: (fold: Branch) => void;
  label: string;
}

const columns = 'minmax(230px, 2fr) minmax(110px, 0.8fr) 96px 56px 64px 56px 64px minmax(70px, 0.6fr) minmax(200px, 2fr)';

export function TreeTable({ root, chosen, choose, unfold, label }: Props) {
  const { t } = useTranslation();
  const { preferences } = usePrefs();
  const [shut, setShut] = useState<ReadonlySet<string>>(new Set());
  const scroll = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => rows(root, shut), [root, shut]);
  const height = preferences.density === 'compact' ? 24 : 32;
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroll.current, estimateSize: () => height, overscan: 12 });
  const at = Math.max(
    0,
    lines.findIndex(({ branch }) => branch.id === chosen),
  );
  const items = virtual.getVirtualItems();
  const reachable = items.some((item) => item.index === at) ? at : items[0]?.index;

  const toggle = (id: string, close: boolean) =>
    setShut((old) => {
      const next = new Set(old);
      if (close) next.add(id);
      else next.delete(id);
      return next;
    });
  const goTo = (index: number) => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (!line) return;
    const to = lines.indexOf(line);
    if (line.branch.node) choose(line.branch.id);
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const line = lines[index];
    if (!line) return;
    const { branch, level } = line;
    const open = branch.children.length > 0 && !shut.has(branch.id);
    if (event.key === 'ArrowDown') goTo(index + 1);
    else if (event.key === 'ArrowUp') goTo(index - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(lines.length - 1);
    else if (event.key === 'ArrowRight') open ? goTo(index + 1) : toggle(branch.id, false);
    else if (event.key === 'ArrowLeft') open ? toggle(branch.id, true) : goTo(lines.findLastIndex((one, i) => i < index && one.level < level));
    else if (event.key === 'Enter' || event.key === ' ') branch.node ? choose(branch.id) : unfold(branch);
    else return;
    event.preventDefault();
  };
  const heads = [t('column.process'), t('graph.relation'), t('column.severity'), t('column.alerts'), t('graph.children'), t('graph.files'), t('graph.network'), t('column.user'), t('column.commandLine')];
  return (
    <div ref={scroll} className="grid tree" role="treegrid" aria-label={label} aria-rowcount={lines.length + 1} style={{ '--columns': columns, '--least': '1060px' } as CSSProperties} data-testid="tree">
      <div role="rowgroup" className="sticky">
        <div role="row" aria-rowindex={1}>
          {heads.map((head) => (
            <div key={head} role="columnheader">
              {head}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="space" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const { branch, level } = line;
          return (
            <div
              key={branch.id}
              role="row"
              data-row={item.index}
              aria-rowindex={item.index + 2}
              aria-level={level}
              aria-expanded={branch.children.length > 0 ? !shut.has(branch.id) : undefined}
              aria-selected={branch.id === chosen}
              tabIndex={item.index === reachable ? 0 : -1}
              onClick={() => (branch.node ? choose(branch.id) : unfold(branch))}
              onKeyDown={(event) => onKey(event, item.index)}
              style={{ transform: `translateY(${item.start}px)`, cursor: 'pointer' }}
            >
              <Cells branch={branch} level={level} shut={shut.has(branch.id)} toggle={() => toggle(branch.id, !shut.has(branch.id))} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Cells({ branch, level, shut, toggle }: { branch: Branch; level: number; shut: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const node = branch.node;
  const count = (value: number | undefined) => (value ? format.number(value) : '');
  return (
    <>
      <div role="gridcell" className="label">
        <span className="indent" style={{ width: (level - 1) * 16 }} />
        {branch.children.length > 0 ? (
          <span className="twist" aria-hidden onClick={(event) => (event.stopPropagation(), toggle())}>
            {shut ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
          </span>
        ) : (
          <span className="twist" />
        )}
        {node ? (
          <span className="clip">
            <span className="strong">
              <Hostile text={node.label} limit={120} />
            </span>{' '}
            <span className="muted">{node.process?.pid}</span> {node.entry && <span className="chip">◆ {t('graph.root')}</span>}
          </span>
        ) : (
          <span className="muted">{t(branch.children.length > 0 ? 'graph.run' : 'graph.fold', { count: branch.folded })}</span>
        )}
      </div>
      <div role="gridcell" className="muted">
        {branch.relation && node ? t(`graph.edge.${branch.relation}`) : ''}
      </div>
      <div role="gridcell">{node?.severity ? <Severity severity={severityOf(node.severity)} /> : ''}</div>
      <div role="gridcell">{count(node?.alerts.length)}</div>
      <div role="gridcell">{count(node?.counters.children)}</div>
      <div role="gridcell">{count(node?.counters.files)}</div>
      <div role="gridcell">{count(node?.counters.network)}</div>
      <div role="gridcell">{node?.process ? <Hostile text={node.process.user ?? node.process.user_id} limit={60} /> : ''}</div>
      <div role="gridcell">{node ? <Hostile code text={node.process?.command_line ?? node.path} limit={240} /> : ''}</div>
    </>
  );
}
