// What of an incident can be acted on: processes to end, files to put away; the likeliest first.
import type { GraphNode, Incident, ResponseAction } from '../../api/client';

export interface Target {
  action: ResponseAction;
  /** Raw text of a host: shown through `printable` only. */
  name: string;
}

export const keyOf = (action: ResponseAction) => (action.kind === 'kill_tree' ? `${action.host_id} ${action.entity_id}` : `${action.host_id} ${action.path}`);

const rank = (node: GraphNode) => (node.entry ? 0 : node.on_path ? 1 : node.alerts.length > 0 ? 2 : 3);

function hostId(incident: Incident, node: GraphNode): string {
  return incident.hosts.find((host) => host.id === node.host || host.name === node.host)?.id ?? incident.hosts[0]?.id ?? node.host;
}

export function targets(incident: Incident, kind: ResponseAction['kind']): Target[] {
  const nodes = incident.graph.nodes.filter((node) => !node.ordinary || node.alerts.length > 0).sort((a, b) => rank(a) - rank(b));
  const found = nodes.flatMap((node) => (kind === 'kill_tree' ? processes(incident, node) : files(incident, node)));
  return [...new Map(found.map((target) => [keyOf(target.action), target])).values()];
}

function processes(incident: Incident, node: GraphNode): Target[] {
  if (!node.process) return [];
  const { entity_id, name, pid, command_line } = node.process;
  return [{ action: { kind: 'kill_tree', host_id: hostId(incident, node), entity_id }, name: `${name} ${pid} — ${command_line}` }];
}

function files(incident: Incident, node: GraphNode): Target[] {
  // A packaged program is the system's own: what misused it is to be put away, not it.
  const own = node.process && !node.process.package && !node.process.fileless ? node.process.executable : undefined;
  const path = node.path ?? own;
  return path?.startsWith('/') ? [{ action: { kind: 'quarantine', host_id: hostId(incident, node), path }, name: path }] : [];
}

export function actionsOf(incident: Incident, node: GraphNode): ResponseAction[] {
  return [...processes(incident, node), ...files(incident, node)].map((target) => target.action);
}

export function firstTarget(incident: Incident, kind: ResponseAction['kind'], chosen: string | undefined): ResponseAction | undefined {
  const node = incident.graph.nodes.find((one) => one.id === chosen);
  const own = node && !node.ordinary ? actionsOf(incident, node).find((action) => action.kind === kind) : undefined;
  return own ?? targets(incident, kind)[0]?.action;
}
