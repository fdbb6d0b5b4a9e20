// An incident's graph as a forest: each node hangs from the link that best says how it came about. Other links stay as links.
// Folding keeps what tells the story (the path, what alerted, and what leads there) and counts the rest per parent.
import type { EdgeKind, Graph, GraphEdge, GraphNode } from '../api/client';

export interface Branch {
  id: string;
  /** None for a fold, which stands for `folded` nodes (its children, if any, come after those), and for the invisible root. */
  node?: GraphNode;
  folded: number;
  /** How its parent led to it. */
  relation?: EdgeKind;
  onPath: boolean;
  children: Branch[];
}

export interface Forest {
  root: Branch;
  branches: Map<string, Branch>;
  parents: Map<string, string>;
  /** Links that the forest itself does not show. */
  links: GraphEdge[];
}

/** The stronger the claim to be the parent, the further left. */
const claims: EdgeKind[] = ['started', 'injected', 'wrote_then_ran', 'connected', 'wrote', 'read'];
export const mostInSvg = 150;

export function forest(graph: Graph): Forest {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = graph.edges.filter((edge) => nodes.has(edge.from) && nodes.has(edge.to) && edge.from !== edge.to);
  const chosen = new Map<string, GraphEdge>();
  const ranked = [...edges].sort((a, b) => claims.indexOf(a.kind) - claims.indexOf(b.kind) || Number(b.on_path) - Number(a.on_path) || a.time.localeCompare(b.time));
  for (const edge of ranked) if (!chosen.has(edge.to) && !leadsTo(chosen, edge.from, edge.to)) chosen.set(edge.to, edge);
  const branches = new Map<string, Branch>(
    graph.nodes.map((node) => [node.id, { id: node.id, node, folded: 0, relation: chosen.get(node.id)?.kind, onPath: chosen.get(node.id)?.on_path ?? false, children: [] }]),
  );
  const root: Branch = { id: '', folded: 0, onPath: false, children: [] };
  const parents = new Map<string, string>();
  for (const branch of branches.values()) {
    const parent = branches.get(chosen.get(branch.id)?.from ?? '');
    (parent ?? root).children.push(branch);
    if (parent) parents.set(branch.id, parent.id);
  }
  // The path first, so that it runs along the top; the others as they came.
  const time = (branch: Branch) => chosen.get(branch.id)?.time ?? '';
  for (const branch of [root, ...branches.values()]) branch.children.sort((a, b) => Number(b.onPath) - Number(a.onPath) || time(a).localeCompare(time(b)));
  return { root, branches, parents, links: edges.filter((edge) => chosen.get(edge.to) !== edge) };
}

/** True when `to` already stands above `from`: hanging it there would close a ring. */
function leadsTo(chosen: Map<string, GraphEdge>, from: string, to: string): boolean {
  for (let at: string | undefined = from, steps = 0; at !== undefined && steps <= chosen.size; steps += 1) {
    if (at === to) return true;
    at = chosen.get(at)?.from;
  }
  return false;
}

/** What tells the story: the path, what alerted, what is joined to those by a telling link, and everything above them. */
export function telling(whole: Forest, most = mostInSvg): Set<string> {
  const nodes = [...whole.branches.values()].flatMap((branch) => (branch.node ? [branch.node] : []));
  const joined = new Set(whole.links.filter((edge) => edge.on_path || edge.kind === 'injected' || edge.kind === 'wrote_then_ran').flatMap((edge) => [edge.from, edge.to]));
  const weigh = (node: GraphNode) => (node.on_path || node.entry ? 1e6 : 0) + (joined.has(node.id) ? 1e3 : 0) + node.alerts.length;
  const wanted = nodes.filter((node) => weigh(node) > 0).sort((a, b) => weigh(b) - weigh(a));
  const kept = new Set<string>();
  for (const node of wanted) {
    const line: string[] = [];
    for (let at: string | undefined = node.id; at !== undefined && !kept.has(at); at = whole.parents.get(at)) line.push(at);
    if (kept.size + line.length > most) continue;
    for (const id of line) kept.add(id);
  }
  if (kept.size === 0) for (const node of nodes.slice(0, most)) kept.add(node.id);
  return kept;
}

/** A run of links that tell nothing by themselves is folded from this length on. */
const shortestRun = 3;

/** The forest with only `kept`, one fold per parent for what is left out, and one for each run of plain links in a row. Folds in
 * `opened` are shown as they are. */
export function fold(branch: Branch, kept: Set<string>, opened: ReadonlySet<string> = new Set()): Branch {
  const id = `fold:${branch.id}`;
  const shown = opened.has(id) ? branch.children : branch.children.filter((child) => kept.has(child.id));
  const children = shown.map((child) => run(child, kept, opened));
  const folded = opened.has(id) ? 0 : branch.children.filter((child) => !kept.has(child.id)).reduce((sum, child) => sum + size(child), 0);
  if (folded > 0 && branch.id !== '') children.push({ id, folded, onPath: false, relation: 'started', children: [] });
  return { ...branch, children };
}

/** Processes that only started the next: a long line of shells and sudo between what entered and what acted. */
function run(branch: Branch, kept: Set<string>, opened: ReadonlySet<string>): Branch {
  const plain = ({ node, children, relation }: Branch) => node?.kind === 'process' && node.alerts.length === 0 && !node.entry && relation === 'started' && children.length === 1 && kept.has(children[0]?.id ?? '');
  let [last, length] = [branch, 0];
  while (plain(last) && last.children[0]) [last, length] = [last.children[0], length + 1];
  const id = `run:${branch.id}`;
  if (length < shortestRun || opened.has(id)) return fold(branch, kept, opened);
  return { id, folded: length, onPath: branch.onPath, relation: 'started', children: [fold(last, kept, opened)] };
}

function size(branch: Branch): number {
  return 1 + branch.children.reduce((sum, child) => sum + size(child), 0);
}

/** Top to bottom as a table shows it; what is in `shut` keeps its children to itself. */
export function rows(root: Branch, shut: ReadonlySet<string>): { branch: Branch; level: number }[] {
  const out: { branch: Branch; level: number }[] = [];
  const visit = (branch: Branch, level: number) => {
    if (branch.id !== '') out.push({ branch, level });
    if (!shut.has(branch.id)) for (const child of branch.children) visit(child, branch.id === '' ? 1 : level + 1);
  };
  visit(root, 0);
  return out;
}
