// The graph as a forest: parents, rings, folding, rows, and where boxes stand.
import { expect, test } from 'vitest';
import type { Graph, GraphEdge, GraphNode } from '../src/api/client';
import { type Branch, fold, forest, rows, telling } from '../src/graph/forest';
import { boxWidth, draw } from '../src/graph/layout';

const node = (id: string, more: Partial<GraphNode> = {}): GraphNode => ({ id, kind: 'process', host: 'h', label: id, on_path: false, entry: false, ordinary: false, alerts: [], counters: { alerts: 0, children: 0, files: 0, network: 0, dns: 0, other: 0 }, ...more });
const edge = (text: string, kind: GraphEdge['kind'] = 'started', on_path = false): GraphEdge => {
  const [from = '', to = ''] = text.split('>');
  return { from, to, kind, on_path, time: '2026-01-01T00:00:00Z' };
};
const graph = (nodes: GraphNode[], edges: GraphEdge[]): Graph => ({ nodes, edges, hidden: 0 });
const told = (branch: Branch): string => (branch.folded > 0 ? `+${branch.folded}` : branch.id) + (branch.children.length > 0 ? `(${branch.children.map(told).join(' ')})` : '');

function check(nodes: string, edges: GraphEdge[], expected: string) {
  expect(told(forest(graph(nodes.split(' ').map((id) => node(id)), edges)).root)).toBe(expected);
}

test('a tree', () => check('a b c', [edge('a>b'), edge('a>c')], '(a(b c))'));
test('starting is a stronger claim than writing', () => check('a f b', [edge('f>b', 'wrote_then_ran'), edge('a>b'), edge('a>f', 'wrote')], '(a(f b))'));
test('a ring does not hang', () => check('a b', [edge('a>b'), edge('b>a')], '(a(b))'));
test('edges to nodes that are not there are left out', () => check('a', [edge('a>gone'), edge('gone>a')], '(a)'));
test('a node does not start itself', () => check('a', [edge('a>a')], '(a)'));

test('folding keeps the path, the alerts and what leads there', () => {
  const nodes = [node('init', { ordinary: true }), node('web', { entry: true, on_path: true }), node('sh', { on_path: true, alerts: ['1'] }), node('w1'), node('w2'), node('w3')];
  const whole = forest(graph(nodes, [edge('init>web'), edge('web>sh', 'started', true), edge('web>w1'), edge('web>w2'), edge('w2>w3')]));
  expect(told(fold(whole.root, telling(whole)))).toBe('(init(web(sh +3)))');
});

test('a run of plain links is folded, and opens in its place', () => {
  const names = ['in', 'a', 'b', 'c', 'act', 'x'];
  const nodes = names.map((id) => node(id, { on_path: true, entry: id === 'in', alerts: id === 'act' ? ['1'] : [] }));
  const whole = forest(graph(nodes, names.slice(1).map((id, index) => edge(`${names[index]}>${id}`, 'started', true))));
  const kept = telling(whole);
  expect(told(fold(whole.root, kept))).toBe('(in(+3(act(x))))');
  expect(told(fold(whole.root, kept, new Set(['run:a'])))).toBe('(in(a(b(c(act(x))))))');
});

test('what is folded below a parent opens too', () => {
  const whole = forest(graph([node('a', { on_path: true, entry: true }), node('b'), node('c')], [edge('a>b'), edge('a>c')]));
  expect(told(fold(whole.root, telling(whole)))).toBe('(a(+2))');
  expect(told(fold(whole.root, telling(whole), new Set(['fold:a'])))).toBe('(a(b c))');
});

test('the path comes first, then time', () => {
  const later = { ...edge('a>b'), time: '2026-01-02T00:00:00Z' };
  expect(told(forest(graph(['a', 'b', 'c', 'd'].map((id) => node(id)), [later, edge('a>c'), { ...edge('a>d', 'started', true), time: '2026-01-03T00:00:00Z' }])).root)).toBe('(a(d c b))');
});

test('never more than asked for', () => {
  const nodes = Array.from({ length: 500 }, (_, index) => node(`n${index}`, { alerts: ['1'] }));
  expect(telling(forest(graph(nodes, [])), 150).size).toBe(150);
});

test('shut branches keep their children to themselves', () => {
  const whole = forest(graph([node('a'), node('b'), node('c')], [edge('a>b'), edge('b>c')]));
  expect(rows(whole.root, new Set(['b'])).map(({ branch, level }) => `${branch.id}${level}`)).toEqual(['a1', 'b2']);
});

test('no two boxes overlap, and children stand to the right', () => {
  const nodes = Array.from({ length: 400 }, (_, index) => node(`n${index}`));
  const edges = nodes.slice(1).map((_, index) => edge(`n${Math.floor(index / 3)}>n${index + 1}`));
  const whole = forest(graph(nodes, edges));
  const { boxes } = draw(whole.root, whole);
  expect(boxes).toHaveLength(400);
  const at = new Map(boxes.map((box) => [box.branch.id, box]));
  for (const box of boxes) if (box.parent) expect(box.x).toBeGreaterThanOrEqual((at.get(box.parent)?.x ?? 0) + boxWidth);
  const columns = new Map(boxes.map((box) => [box.x, boxes.filter((other) => other.x === box.x)]));
  for (const column of columns.values()) {
    const sorted = [...column].sort((a, b) => a.y - b.y);
    sorted.slice(1).forEach((box, index) => expect(box.y).toBeGreaterThanOrEqual((sorted[index]?.y ?? 0) + (sorted[index]?.height ?? 0)));
  }
});
