// Where each box of the forest stands: from left to right as one thing led to the next, a parent in line with its first child. So
// reading begins at the top left, the path runs along the top, and one walk over the forest places it (2,000 boxes in a few
// milliseconds).
import type { EdgeKind } from '../api/client';
import type { Branch, Forest } from './forest';
import { secondLine } from './words';

export const boxWidth = 150;
const columnGap = 28;
const rowGap = 9;
const bulge = 26;
const corner = 6;
/** Where lines meet a box, below its upper edge. */
const joint = 13;
const margin = { x: 14, top: 14, bottom: 14 };

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
  top: number;
  bottom: number;
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

/** The mark of the first link out of the ordinary has a line of its own. */
export const markHeight = 15;
export const heightOf = (branch: Branch) =>
  branch.folded > 0 ? 30 : (hasCounters(branch) ? 52 : secondLine(branch) === '' ? 26 : 38) + (branch.node?.entry ? markHeight : 0);

export function draw(root: Branch, whole: Forest): Drawing {
  const boxes: Box[] = [];
  let y = margin.top;
  const place = (branch: Branch, depth: number, parent: string | undefined) => {
    const box: Box = { branch, x: margin.x + depth * (boxWidth + columnGap), y, height: heightOf(branch), ...(parent === undefined ? {} : { parent }) };
    boxes.push(box);
    for (const child of branch.children) place(child, depth + 1, branch.id);
    y = Math.max(y, box.y + box.height + rowGap);
  };
  for (const tree of root.children) place(tree, 0, undefined);
  const at = new Map(boxes.map((box) => [box.branch.id, box]));
  const drawn = lines(boxes, at, whole);
  return {
    boxes,
    lines: drawn,
    width: boxes.reduce((most, box) => Math.max(most, box.x + boxWidth), 0) + margin.x + (drawn.some((line) => line.bulges) ? bulge : 0),
    height: y - rowGap + margin.bottom,
  };
}

function lines(boxes: Box[], at: Map<string, Box>, whole: Forest): Line[] {
  const out: Line[] = [];
  const add = (id: string, from: Box, to: Box, path: string, kind: EdgeKind, onPath: boolean, bulges = false) =>
    out.push({ id, path, kind, onPath, bulges, top: Math.min(meet(from), meet(to)), bottom: Math.max(meet(from), meet(to)) });
  for (const box of boxes) {
    const parent = at.get(box.parent ?? '');
    if (parent) add(box.branch.id, parent, box, elbow(parent, box), box.branch.relation ?? 'started', box.branch.onPath);
  }
  for (const [index, link] of whole.links.entries()) {
    const from = at.get(link.from);
    const to = at.get(link.to);
    if (from && to) add(`link${index}`, from, to, from.x < to.x ? curve(from, to) : around(from, to), link.kind, link.on_path, from.x >= to.x);
  }
  return out.sort((a, b) => Number(a.onPath) - Number(b.onPath));
}

const meet = (box: Box) => box.y + joint;

/** Siblings share the way down, so that a hundred children are a comb and no blot. */
function elbow(from: Box, to: Box): string {
  const [x1, y1, y2] = [from.x + boxWidth, meet(from), meet(to)];
  if (y1 === y2) return `M${x1} ${y1}H${to.x}`;
  const x = x1 + (to.x - x1) / 2;
  return `M${x1} ${y1}H${x - corner}Q${x} ${y1} ${x} ${y1 + corner}V${y2 - corner}Q${x} ${y2} ${x + corner} ${y2}H${to.x}`;
}

function curve(from: Box, to: Box): string {
  const x1 = from.x + boxWidth;
  const bend = x1 + Math.max((to.x - x1) / 2, 12);
  return `M${x1} ${meet(from)}C${bend} ${meet(from)} ${bend} ${meet(to)} ${to.x} ${meet(to)}`;
}

/** To a box in the same column or further left: out on the right side and back in there. */
function around(from: Box, to: Box): string {
  const x1 = from.x + boxWidth;
  const x2 = to.x + boxWidth;
  const out = Math.max(x1, x2) + bulge;
  return `M${x1} ${meet(from)}C${out} ${meet(from)} ${out} ${meet(to)} ${x2} ${meet(to)}`;
}
