// What a live update changes: small things are put in place, larger ones make their page ask again, at most once a second each.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { HostDetail, HostSummary, Overview, Schema, StreamEvent } from '../api/client';

const settle = 1000;
/** Who has scrolled further down is reading: the list stays as it is, and is fresh when next opened. */
const mostPages = 3;

const pagesOf = (data: unknown) => (data && typeof data === 'object' && 'pages' in data && Array.isArray(data.pages) ? data.pages.length : 1);

/** What a host answers otherwise once such an order is through. */
const touched: Partial<Record<Schema['CommandKind'], string[]>> = {
  quarantine: ['quarantine'],
  restore: ['quarantine'],
  set_policy: ['policies', 'host-policy'],
  roll_back: ['recovery'],
  scan: ['scans'],
  stop_scan: ['scans'],
  lockdown: ['lockdown'],
};

export function applier(client: QueryClient): (event: StreamEvent) => void {
  const due = new Map<string, ReturnType<typeof setTimeout>>();
  const refresh = (...key: QueryKey) => {
    const name = JSON.stringify(key);
    if (due.has(name)) return;
    due.set(
      name,
      setTimeout(() => {
        due.delete(name);
        void client.invalidateQueries({ queryKey: key, refetchType: 'none' });
        void client.refetchQueries({ queryKey: key, type: 'active', stale: true, predicate: (query) => pagesOf(query.state.data) <= mostPages });
      }, settle),
    );
  };
  return (event) => {
    switch (event.type) {
      case 'overview':
        client.setQueryData<Overview>(['overview'], (old) => old && withFigures(old, event.data));
        break;
      case 'alert':
        refresh('overview');
        refresh('alerts');
        break;
      case 'incident':
        refresh('overview');
        refresh('incidents');
        refresh('incident', event.data.id);
        break;
      case 'host':
        client.setQueryData<Schema['HostList']>(['hosts'], (old) => old && { ...old, items: withHost(old.items, event.data) });
        client.setQueryData<Overview>(['overview'], (old) => old && { ...old, host_list: withHost(old.host_list, event.data) });
        client.setQueryData<HostDetail>(['host', event.data.id], (old) => old && { ...old, summary: event.data });
        break;
      case 'command':
        client.setQueryData(['command', event.data.id], event.data);
        if (event.data.incident_id) refresh('incident', event.data.incident_id);
        for (const key of touched[event.data.kind] ?? []) refresh(key);
        break;
      case 'lagged':
        void client.invalidateQueries();
        break;
    }
  };
}

function withFigures(old: Overview, delta: Schema['OverviewDelta']): Overview {
  return {
    ...old,
    ingest: delta.ingest,
    store: delta.store,
    hosts: { ...old.hosts, connected: delta.connected },
    incidents: { ...old.incidents, open: delta.open_incidents },
  };
}

function withHost(hosts: HostSummary[], host: HostSummary): HostSummary[] {
  const at = hosts.findIndex((one) => one.id === host.id);
  return at < 0 ? [...hosts, host] : hosts.with(at, host);
}
