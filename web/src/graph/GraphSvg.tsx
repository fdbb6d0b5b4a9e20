// The folded path as SVG: every box can be reached by Tab and arrows, and says in words what the picture says in shapes.
import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format';
import { severityOf } from '../parts/Severity';
import { clip } from '../text/printable';
import type { Branch, Forest } from './forest';
import { type Box, boxWidth, draw, hasCounters, heightOf } from './layout';
import { commandLength, nameOf, secondLine, spoken } from './words';

/** Shrunk to fit down to this; beyond, it scrolls. */
const leastScale = 0.8;
const leadIn = 0.25;

interface Props {
  root: Branch;
  whole: Forest;
  chosen: string | undefined;
  choose: (id: string) => void;
  unfold: (fold: Branch) => void;
  label: string;
}

export const GraphSvg = memo(function GraphSvg({ root, whole, chosen, choose, unfold, label }: Props) {
  const drawing = useMemo(() => draw(root, whole), [root, whole]);
  const svg = useRef<SVGSVGElement>(null);
  const reachable = drawing.boxes.some((box) => box.branch.id === chosen) ? chosen : drawing.boxes[0]?.branch.id;

  useEffect(() => {
    // What matters is in view from the start, however long the ancestry.
    const entry = svg.current?.querySelector('.is-chosen') ?? svg.current?.querySelector('[data-entry]');
    const frame = svg.current?.parentElement;
    if (!entry || !frame) return;
    const [box, view] = [entry.getBoundingClientRect(), frame.getBoundingClientRect()];
    frame.scrollLeft += box.left - view.left - view.width * leadIn;
    frame.scrollTop += Math.max(0, box.bottom - view.bottom + leadIn * view.height);
    // Only when the picture is drawn anew: choosing must not move it.
  }, [drawing]);

  const act = (box: Box) => (box.branch.node ? choose(box.branch.id) : unfold(box.branch));
  const onKey = (event: KeyboardEvent, box: Box) => {
    if (event.key === 'Enter' || event.key === ' ') act(box);
    else {
      const to = neighbour(drawing.boxes, box, event.key);
      if (!to) return;
      if (to.branch.node) choose(to.branch.id);
      svg.current?.querySelector<SVGGElement>(`[data-id="${CSS.escape(to.branch.id)}"]`)?.focus();
    }
    event.preventDefault();
  };
  return (
    <svg ref={svg} width={drawing.width} style={{ maxWidth: '100%', minWidth: drawing.width * leastScale }} viewBox={`0 0 ${drawing.width} ${drawing.height}`} role="group" aria-label={label} data-testid="graph">
      {drawing.lines.map((line) => (
        <path key={line.id} className={`edge is-${line.kind} ${line.onPath ? 'is-path' : ''}`} d={line.path} />
      ))}
      {drawing.boxes.map((box) => (
        <NodeBox key={box.branch.id} box={box} chosen={box.branch.id === chosen} reachable={box.branch.id === reachable} act={() => act(box)} onKey={(event) => onKey(event, box)} />
      ))}
    </svg>
  );
});

/** Left to the parent, right to the first child, up and down within the column. */
function neighbour(boxes: Box[], box: Box, key: string): Box | undefined {
  if (key === 'ArrowLeft') return boxes.find((other) => other.branch.id === box.parent);
  if (key === 'ArrowRight') return boxes.find((other) => other.parent === box.branch.id);
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const column = boxes.filter((other) => other.x === box.x).sort((a, b) => a.y - b.y);
  return column[column.indexOf(box) + (key === 'ArrowDown' ? 1 : -1)];
}

interface NodeProps {
  box: Box;
  chosen: boolean;
  reachable: boolean;
  act: () => void;
  onKey: (event: KeyboardEvent) => void;
}

function NodeBox({ box, chosen, reachable, act, onKey }: NodeProps) {
  const { t } = useTranslation();
  const { branch } = box;
  const node = branch.node;
  const classes = ['node', node ? `is-${node.kind}` : 'is-fold', node?.ordinary ? 'is-ordinary' : '', chosen ? 'is-chosen' : ''].join(' ');
  return (
    <g className={classes} transform={`translate(${box.x} ${box.y})`} role="button" tabIndex={reachable ? 0 : -1} aria-pressed={node ? chosen : undefined} data-entry={node?.entry || undefined} data-id={branch.id} onClick={act} onKeyDown={onKey}>
      <title>{spoken(branch, t)}</title>
      <rect className="ring" x={-3} y={-3} width={boxWidth + 6} height={box.height + 6} rx={6} />
      <rect className="box" width={boxWidth} height={box.height} rx={node?.kind === 'address' ? 13 : 4} />
      {node ? <NodeText branch={branch} /> : <FoldText branch={branch} />}
    </g>
  );
}

function FoldText({ branch }: { branch: Branch }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <text x={11} y={19} aria-hidden>
      <tspan className="name">+{format.number(branch.folded)}</tspan>
      <tspan className="line" dx={6}>
        {t('graph.folded')}
      </tspan>
    </text>
  );
}

function NodeText({ branch }: { branch: Branch }) {
  const { t } = useTranslation();
  const node = branch.node;
  if (!node) return null;
  const severity = node.severity ? severityOf(node.severity) : undefined;
  return (
    <g aria-hidden>
      {severity && <path className={`bar sev-${severity}`} d={`M0 4a4 4 0 0 1 4-4v${heightOf(branch)}a4 4 0 0 1-4-4z`} />}
      {node.entry && (
        <text className="root" x={11} y={heightOf(branch) - 7}>
          ◆ {t('graph.root')}
        </text>
      )}
      {node.ended === true && (
        <text className="ended" x={boxWidth - 7} y={16} textAnchor="end">
          ✕
        </text>
      )}
      <text x={11} y={16}>
        <tspan className="name">{nameOf(branch)}</tspan>
        {node.process && (
          <tspan className="pid" dx={5}>
            {node.process.pid}
          </tspan>
        )}
      </text>
      <text className="line" x={11} y={30}>
        {clip(secondLine(branch), commandLength)}
      </text>
      {hasCounters(branch) && <Counters branch={branch} />}
    </g>
  );
}

const glyphWidth = 19;
const digitWidth = 6;
const glyphs = {
  network: 'M1 3h6L5 1M7 6H1l2 2',
  files: 'M1.5 .5h3.5l2 2v6H1.5z',
  dns: 'M4 .5a4 4 0 1 0 .01 0M.5 4.5h7M4 .5v8',
  children: 'M1.5 .5v4h5M1.5 4.5v3.5h5',
} as const;

/** What the process did, counted: network, files, names asked for, children. */
function Counters({ branch }: { branch: Branch }) {
  const format = useFormat();
  const counters = branch.node?.counters;
  if (!counters) return null;
  const names = (['network', 'files', 'dns', 'children'] as const).filter((name) => counters[name] > 0);
  const texts = names.map((name) => format.short(counters[name]));
  const left = (index: number) => texts.slice(0, index).reduce((sum, text) => sum + glyphWidth + text.length * digitWidth, 11);
  return (
    <>
      {names.map((name, index) => (
        <g key={name} transform={`translate(${left(index)} 38)`}>
          <path d={glyphs[name]} className="glyph" />
          <text className="count" x={11} y={8}>
            {texts[index]}
          </text>
        </g>
      ))}
    </>
  );
}
