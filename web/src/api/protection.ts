// Questions of the pages on malware, rules, ATT&CK, lockdown, policies and recovery. Many are answered by the hosts themselves, so
// they are asked when a page is opened or asked again, not on every live update.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask, type Schema } from './client';
import type { SeverityName } from '../parts/Severity';

const page = 100;
/** Engines that judge files. */
export const fileEngines = 'hash,signature,yara,model,reputation';

export interface DetectionFilter {
  severity?: SeverityName;
  host?: string;
  text?: string;
}

export const detections = (filter: DetectionFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', 'files', filter],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/alerts', { params: { query: { ...filter, engines: fileEngines, limit: page, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const scanners = queryOptions({
  queryKey: ['scanners'],
  queryFn: () => ask(api.GET('/api/v1/malware/scanners')),
});

const underWay: Schema['ScanState'][] = ['waiting', 'running'];
export const isUnderWay = (state: Schema['ScanState']) => underWay.includes(state);

export const scans = queryOptions({
  queryKey: ['scans'],
  queryFn: () => ask(api.GET('/api/v1/scans', { params: { query: {} } })),
  // Progress is the host's own: it is asked again while there is any.
  refetchInterval: (query) => (query.state.data?.items.some((job) => isUnderWay(job.state)) ? 2000 : 15_000),
});

export const restorePreview = (host: string, id: string) =>
  queryOptions({
    queryKey: ['restore-preview', host, id],
    queryFn: () => ask(api.GET('/api/v1/quarantine/{id}/preview', { params: { path: { id }, query: { host } } })),
    staleTime: 0,
  });

export const rules = queryOptions({
  queryKey: ['rules'],
  queryFn: () => ask(api.GET('/api/v1/rules')),
  staleTime: 30_000,
});

export const rule = (id: string) =>
  queryOptions({
    queryKey: ['rule', id],
    queryFn: () => ask(api.GET('/api/v1/rules/{id}', { params: { path: { id } } })),
    staleTime: 30_000,
  });

export const nodeRules = queryOptions({
  queryKey: ['node-rules'],
  queryFn: () => ask(api.GET('/api/v1/rules/node')),
  // A search through history says when it is through.
  refetchInterval: (query) => (query.state.data?.items.some((one) => one.history.state === 'running') ? 2000 : false),
});

export const ruleHistory = (id: string) =>
  queryOptions({
    queryKey: ['rule-history', id],
    queryFn: () => ask(api.GET('/api/v1/rules/history', { params: { query: { rule: id } } })),
  });

export const suppressions = queryOptions({
  queryKey: ['suppressions'],
  queryFn: () => ask(api.GET('/api/v1/rules/suppressions')),
});

export const attackMatrix = (hours: number) =>
  queryOptions({
    queryKey: ['attack', hours],
    queryFn: () => ask(api.GET('/api/v1/attack', { params: { query: { hours } } })),
    staleTime: 30_000,
  });

export const lockdowns = queryOptions({
  queryKey: ['lockdown'],
  queryFn: () => ask(api.GET('/api/v1/lockdown')),
});

export const lockdownReport = (host: string) =>
  queryOptions({
    queryKey: ['lockdown', host],
    queryFn: () => ask(api.GET('/api/v1/hosts/{id}/lockdown', { params: { path: { id: host } } })),
    // What a host refuses or would refuse is news: it is asked for again while somebody looks.
    staleTime: 0,
    refetchInterval: 10_000,
  });

export const policies = queryOptions({
  queryKey: ['policies'],
  queryFn: () => ask(api.GET('/api/v1/policies')),
});

export const policy = (name: string) =>
  queryOptions({
    queryKey: ['policies', name],
    queryFn: () => ask(api.GET('/api/v1/policies/{name}', { params: { path: { name } } })),
  });

export const policyVersion = (name: string, version: number) =>
  queryOptions({
    queryKey: ['policy-version', name, version],
    queryFn: () => ask(api.GET('/api/v1/policies/{name}/versions/{version}', { params: { path: { name, version: String(version) } } })),
    staleTime: Infinity,
  });

export const hostPolicy = (host: string) =>
  queryOptions({
    queryKey: ['host-policy', host],
    queryFn: () => ask(api.GET('/api/v1/hosts/{id}/policy', { params: { path: { id: host } } })),
  });

export const recovery = queryOptions({
  queryKey: ['recovery'],
  queryFn: () => ask(api.GET('/api/v1/recovery')),
});

export const rollbackReport = (command: string) =>
  queryOptions({
    queryKey: ['rollback-report', command],
    queryFn: () => ask(api.GET('/api/v1/commands/{id}/rollback', { params: { path: { id: command } } })),
    staleTime: Infinity,
  });
