// What rows of an answer can be acted upon: a process by its entity id, a file by its path, each on the host that the row names.
import type { HostSummary, HuntResult, ResponseAction } from '../../api/client';

type Row = HuntResult['rows'][number];
export const files = ['file_path', 'process_executable'] as const;

export interface Places {
  host: number;
  /** `host` holds an id, not a name. */
  byId: boolean;
  entity: number;
  path: number;
}

export function placesOf(columns: HuntResult['columns']): Places {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const byId = at('host_id') >= 0;
  const path = files.map(at).find((place) => place >= 0) ?? -1;
  return { host: byId ? at('host_id') : at('host_name'), byId, entity: at('process_entity_id'), path };
}

export const canAct = ({ host, entity, path }: Places) => host >= 0 && (entity >= 0 || path >= 0);

/** Each target once. Rows that do not name one are left out. */
export function actionsOf(kind: ResponseAction['kind'], rows: readonly Row[], places: Places, hosts: readonly HostSummary[]): ResponseAction[] {
  const found = new Map<string, ResponseAction>();
  for (const row of rows) {
    const named = row[places.host];
    // Two hosts of one name: nobody knows which is meant.
    const those = hosts.filter((host) => (places.byId ? host.id : host.name) === named);
    const target = row[kind === 'kill_tree' ? places.entity : places.path];
    const host = those.length === 1 ? those[0] : undefined;
    if (!host || typeof target !== 'string' || target === '' || (kind === 'quarantine' && !target.startsWith('/'))) continue;
    found.set(`${host.id} ${target}`, kind === 'kill_tree' ? { kind, host_id: host.id, entity_id: target } : { kind, host_id: host.id, path: target });
  }
  return [...found.values()];
}
