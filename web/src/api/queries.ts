// Every question the pages ask, under one key each, so that live updates know what to refresh.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask, setCsrf } from './client';
import type { paths } from './schema';

type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never;
export type IncidentFilter = Pick<QueryOf<'/api/v1/incidents'>, 'status' | 'severity' | 'host' | 'text'>;
export type AlertFilter = Pick<QueryOf<'/api/v1/alerts'>, 'severity' | 'host' | 'technique' | 'incident' | 'text'>;
export type IntegrityFilter = Pick<QueryOf<'/api/v1/integrity'>, 'severity' | 'host' | 'text' | 'pci' | 'cis'>;
export type IntegritySummaryFilter = Pick<QueryOf<'/api/v1/integrity/summary'>, 'host' | 'view'>;
export type BaselineFilter = Pick<QueryOf<'/api/v1/baselines'>, 'host' | 'role' | 'relation' | 'text'>;
export type EventFilter = Pick<QueryOf<'/api/v1/events'>, 'category' | 'text' | 'process'>;

const page = 100;

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const who = await ask(api.GET('/api/v1/session'));
    setCsrf(who.csrf);
    return who;
  },
  staleTime: Infinity,
});

export const overview = queryOptions({
  queryKey: ['overview'],
  queryFn: () => ask(api.GET('/api/v1/overview')),
});

export const incidents = (filter: IncidentFilter) =>
  infiniteQueryOptions({
    queryKey: ['incidents', filter],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/incidents', { params: { query: { ...filter, limit: page, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const incident = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: () => ask(api.GET('/api/v1/incidents/{id}', { params: { path: { id } } })),
  });

export const command = (id: string) =>
  queryOptions({
    queryKey: ['command', id],
    queryFn: () => ask(api.GET('/api/v1/commands/{id}', { params: { path: { id } } })),
  });

export const alerts = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/alerts', { params: { query: { ...filter, limit: page, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const alert = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: () => ask(api.GET('/api/v1/alerts/{id}', { params: { path: { id } } })),
    staleTime: Infinity,
  });

export const hosts = queryOptions({
  queryKey: ['hosts'],
  queryFn: () => ask(api.GET('/api/v1/hosts')),
});

export const host = (id: string) =>
  queryOptions({
    queryKey: ['host', id],
    queryFn: () => ask(api.GET('/api/v1/hosts/{id}', { params: { path: { id } } })),
  });

export const processes = (id: string) =>
  queryOptions({
    queryKey: ['processes', id],
    queryFn: () => ask(api.GET('/api/v1/hosts/{id}/processes', { params: { path: { id } } })),
    staleTime: 10_000,
  });

export const hostEvents = (id: string, filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ['events', id, filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/hosts/{id}/events', {
          params: { path: { id }, query: { ...filter, limit: page, ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const integrity = (filter: IntegrityFilter) =>
  infiniteQueryOptions({
    queryKey: ['integrity', filter],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/integrity', { params: { query: { ...filter, limit: page, ...(pageParam ? { before: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const integritySummary = (filter: IntegritySummaryFilter) =>
  queryOptions({
    queryKey: ['integrity', 'summary', filter],
    queryFn: () => ask(api.GET('/api/v1/integrity/summary', { params: { query: filter } })),
    placeholderData: (old) => old,
  });

export const baselines = (filter: BaselineFilter) =>
  queryOptions({
    queryKey: ['baselines', filter],
    queryFn: () => ask(api.GET('/api/v1/baselines', { params: { query: filter } })),
    placeholderData: (old) => old,
  });

export const huntSchema = queryOptions({
  queryKey: ['hunt-schema'],
  queryFn: () => ask(api.GET('/api/v1/hunt/schema')),
  staleTime: Infinity,
});

export const savedQueries = queryOptions({
  queryKey: ['saved-queries'],
  queryFn: () => ask(api.GET('/api/v1/saved-queries')),
});

export const users = queryOptions({
  queryKey: ['users'],
  queryFn: () => ask(api.GET('/api/v1/admin/users')),
});

export const agents = queryOptions({
  queryKey: ['agents'],
  queryFn: () => ask(api.GET('/api/v1/admin/agents')),
});

export const quarantine = (host?: string) =>
  queryOptions({
    queryKey: ['quarantine', host ?? ''],
    queryFn: () => ask(api.GET('/api/v1/quarantine', { params: { query: host ? { host } : {} } })),
  });

export const audit = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: ({ pageParam }) =>
    ask(api.GET('/api/v1/audit', { params: { query: { limit: page, ...(pageParam ? { after: pageParam } : {}) } } })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next ?? undefined,
});
