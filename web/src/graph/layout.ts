// Where each box of the forest stands: time flows from left to right, by d3-flextree (2,000 boxes in well under 0.2 s).
import { flextree } from 'd3-flextree';
import type { EdgeKind } from '../api/client';
import type { Branch, Forest } from './forest';
import { secondLine } from './words';

export const boxWidth = 132;
const columnGap = 24;
const rowGap = 9;
const bulge = 26;

export interface Box {
  branch: Branch;
  x: number;
  y: number;
  height: number;
  parent?: string;
}
export interface Line {
  id: string;
  path: string;
  kind: EdgeKind;
  onPath: boolean;
  /** It runs outside the right edge of its boxes. */
  bulges?: boolean;
}
export interface Drawing {
  boxes: Box[];
  lines: Line[];
  width: number;
  height: number;
}

export const hasCounters = (branch: Branch) =>
  branch.node !== undefined && branch.node.counters.children + branch.node.counters.files + branch.node.counters.network + branch.node.counters.dns > 0;

export const heightOf = (branch: Branch) => (branch.folded > 0 ? 30 : hasCounters(branch) ? 52 : secondLine(branch) === '' ? 26 : 38);

export function draw(root: Branch, whole: Forest): Drawing {
  const layout = flextree<Branch>({
    nodeSize: (node) => [heightOf(node.data) + rowGap, node.data.id === '' ? 0.01 : boxWidth + columnGap],
    spacing: 0,
  });
  const tree = layout(layout.hierarchy(root, (branch) => branch.children));
  const boxes: Box[] = [];
  tree.each((point) => {
    if (point.data.id === '') return;
    const height = heightOf(point.data);
    boxes.push({ branch: point.data, x: point.y, y: point.x - height / 2, height, ...(point.parent && point.parent.data.id !== '' ? { parent: point.parent.data.id } : {}) });
  });
  const top = boxes.reduce((least, box) => Math.min(least, box.y), 0);
  const margin = { x: 14, top: 22, bottom: 14 };
  for (const box of boxes) {
    box.x += margin.x;
    box.y += margin.top - top;
  }
  const at = new Map(boxes.map((box) => [box.branch.id, box]));
  const drawn = lines(boxes, at, whole);
  return {
    boxes,
    lines: drawn,
    width: boxes.reduce((most, box) => Math.max(most, box.x + boxWidth), 0) + margin.x + (drawn.some((line) => line.bulges) ? bulge : 0),
    height: boxes.reduce((most, box) => Math.max(most, box.y + box.height), 0) + margin.bottom,
  };
}

function lines(boxes: Box[], at: Map<string, Box>, whole: Forest): Line[] {
  const out: Line[] = [];
  for (const box of boxes) {
    const parent = at.get(box.parent ?? '');
    if (parent) out.push({ id: box.branch.id, path: curve(parent, box), kind: box.branch.relation ?? 'started', onPath: box.branch.onPath });
  }
  for (const [index, link] of whole.links.entries()) {
    const from = at.get(link.from);
    const to = at.get(link.to);
    if (from && to) out.push({ id: `link${index}`, path: from.x < to.x ? curve(from, to) : around(from, to), bulges: from.x >= to.x, kind: link.kind, onPath: link.on_path });
  }
  return out.sort((a, b) => Number(a.onPath) - Number(b.onPath));
}

const middle = (box: Box) => box.y + box.height / 2;

function curve(from: Box, to: Box): string {
  const x1 = from.x + boxWidth;
  const bend = x1 + Math.max((to.x - x1) / 2, 12);
  return `M${x1} ${middle(from)}C${bend} ${middle(from)} ${bend} ${middle(to)} ${to.x} ${middle(to)}`;
}

/** To a box in the same column or further left: out on the right side and back in there. */
function around(from: Box, to: Box): string {
  const x1 = from.x + boxWidth;
  const x2 = to.x + boxWidth;
  const out = Math.max(x1, x2) + bulge;
  return `M${x1} ${middle(from)}C${out} ${middle(from)} ${out} ${middle(to)} ${x2} ${middle(to)}`;
}
