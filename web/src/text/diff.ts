// Two texts line by line: what was taken out, what came in, and a few unchanged lines around each. Myers' greedy search, bounded:
// texts that differ in more than that are told as wholly different, which is true as well.

export interface DiffLine {
  kind: 'same' | 'plus' | 'minus' | 'fold';
  text: string;
  /** For `fold`: so many unchanged lines are left out. */
  count?: number;
}

/** Edits looked for; a policy is a few hundred lines. */
const mostEdits = 4_000;
const context = 3;

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [...a.slice(0, start).map(same), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...a.slice(a.length - end).map(same)];
}

function middle(a: string[], b: string[]): DiffLine[] {
  const replaced = () => [...a.map((text): DiffLine => ({ kind: 'minus', text })), ...b.map((text): DiffLine => ({ kind: 'plus', text }))];
  if (a.length === 0 || b.length === 0) return replaced();
  const most = Math.min(a.length + b.length, mostEdits);
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  const at = (map: Map<number, number>, k: number) => map.get(k) ?? -1;
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && at(furthest, k - 1) < at(furthest, k + 1));
      let x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) [x, y] = [x + 1, y + 1];
      furthest.set(k, x);
      if (x >= a.length && y >= b.length) return backtrack(a, b, trace);
    }
    // Each step is remembered: a large difference must not fill the memory.
    if (edits > 1_500) return replaced();
  }
  return replaced();
}

function backtrack(a: string[], b: string[], trace: Map<number, number>[]): DiffLine[] {
  const out: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = trace.length - 1; edits >= 0 && (x > 0 || y > 0); edits -= 1) {
    const furthest = trace[edits] as Map<number, number>;
    const at = (k: number) => furthest.get(k) ?? -1;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const from = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : at(from);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      out.push({ kind: 'same', text: a[x - 1] as string });
      x -= 1;
      y -= 1;
    }
    if (edits === 0) break;
    if (down && y > 0) {
      out.push({ kind: 'plus', text: b[y - 1] as string });
      y -= 1;
    } else if (!down && x > 0) {
      out.push({ kind: 'minus', text: a[x - 1] as string });
      x -= 1;
    }
  }
  return out.reverse();
}

/** Long runs of unchanged lines become one fold. */
export function folded(lines: DiffLine[]): DiffLine[] {
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind === 'same') return;
    for (let n = index - context; n <= index + context; n += 1) near.add(n);
  });
  const out: DiffLine[] = [];
  lines.forEach((line, index) => {
    if (near.has(index)) return out.push(line);
    const last = out.at(-1);
    if (last?.kind === 'fold') return (last.count = (last.count ?? 0) + 1);
    return out.push({ kind: 'fold', text: '', count: 1 });
  });
  return out;
}
