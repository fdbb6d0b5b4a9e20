// Every address of the console. Each page is a chunk of its own, loaded when first opened or hovered.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { Failure } from './api/client';
import { me } from './api/queries';
import { severities, type SeverityName } from './parts/Severity';
import { NotFound, PageFailure } from './parts/states';
import { Shell } from './shell/Shell';

/** What a baseline is about. */
const relations = ['programs', 'starts', 'user_starts', 'talks', 'names', 'logins', 'reaches', 'writes'] as const;

type Search = Record<string, unknown>;
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);
const severity = (value: unknown) => ((severities as readonly unknown[]).includes(value) ? (value as SeverityName) : undefined);

/** Only what is set, so that addresses stay short. */
function clean<T extends Record<string, unknown>>(search: T): Partial<T> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Search) => clean({ token: text(search.token), to: text(search.to) }),
  component: lazyRouteComponent(() => import('./pages/SignIn'), 'SignIn'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: PageFailure,
  beforeLoad: async ({ context, location }) => {
    // The one-time login link may point at any address: its token is in the fragment.
    if (location.hash.includes('token=') || location.hash.includes('login=')) throw redirect({ to: '/login', hash: location.hash });
    try {
      await context.client.ensureQueryData(me);
    } catch (error) {
      if (error instanceof Failure && ['not_signed_in', 'bad_credentials', 'forbidden'].includes(error.code)) {
        throw redirect({ to: '/login', search: location.href === '/' ? {} : { to: location.href } });
      }
      throw error;
    }
  },
});

const overview = createRoute({ getParentRoute: () => shell, path: '/', component: lazyRouteComponent(() => import('./pages/Overview'), 'Overview') });
const incidents = createRoute({
  getParentRoute: () => shell,
  path: '/incidents',
  validateSearch: (search: Search) => clean({ status: text(search.status), severity: severity(search.severity), host: text(search.host), text: text(search.text) }),
  component: lazyRouteComponent(() => import('./pages/Incidents'), 'Incidents'),
});
const incident = createRoute({
  getParentRoute: () => shell,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('./pages/incident/Incident'), 'Incident'),
});
const alerts = createRoute({
  getParentRoute: () => shell,
  path: '/alerts',
  validateSearch: (search: Search) => clean({ severity: severity(search.severity), host: text(search.host), technique: text(search.technique), text: text(search.text) }),
  component: lazyRouteComponent(() => import('./pages/Alerts'), 'Alerts'),
});
const hosts = createRoute({ getParentRoute: () => shell, path: '/hosts', component: lazyRouteComponent(() => import('./pages/Hosts'), 'Hosts') });
const host = createRoute({
  getParentRoute: () => shell,
  path: '/hosts/$id',
  validateSearch: (search: Search) => clean({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import('./pages/host/Host'), 'Host'),
});
const hunt = createRoute({
  getParentRoute: () => shell,
  path: '/hunt',
  validateSearch: (search: Search) => clean({ sql: text(search.sql) }),
  component: lazyRouteComponent(() => import('./pages/hunt/Hunt'), 'Hunt'),
});
const integrity = createRoute({
  getParentRoute: () => shell,
  path: '/integrity',
  validateSearch: (search: Search) => clean({ severity: severity(search.severity), host: text(search.host), text: text(search.text), expected: text(search.expected), view: (['pci', 'cis'] as const).find((name) => name === search.view), requirement: text(search.requirement) }),
  component: lazyRouteComponent(() => import('./pages/Integrity'), 'Integrity'),
});
const baselines = createRoute({
  getParentRoute: () => shell,
  path: '/baselines',
  validateSearch: (search: Search) => clean({ host: text(search.host), role: text(search.role), relation: relations.find((name) => name === search.relation), text: text(search.text) }),
  component: lazyRouteComponent(() => import('./pages/Baselines'), 'Baselines'),
});
const quarantine = createRoute({ getParentRoute: () => shell, path: '/quarantine', component: lazyRouteComponent(() => import('./pages/Quarantine'), 'Quarantine') });
const malware = createRoute({
  getParentRoute: () => shell,
  path: '/malware',
  validateSearch: (search: Search) => clean({ tab: text(search.tab), severity: severity(search.severity), host: text(search.host), text: text(search.text) }),
  component: lazyRouteComponent(() => import('./pages/malware/Malware'), 'Malware'),
});
const rules = createRoute({
  getParentRoute: () => shell,
  path: '/rules',
  validateSearch: (search: Search) => clean({ tab: text(search.tab), text: text(search.text), kind: text(search.kind), severity: severity(search.severity), state: text(search.state) }),
  component: lazyRouteComponent(() => import('./pages/rules/Rules'), 'Rules'),
});
const rule = createRoute({ getParentRoute: () => shell, path: '/rules/$id', component: lazyRouteComponent(() => import('./pages/rules/Rule'), 'Rule') });
const intelligence = createRoute({ getParentRoute: () => shell, path: '/intelligence', component: lazyRouteComponent(() => import('./pages/intelligence/Intelligence'), 'Intelligence') });
const attack = createRoute({
  getParentRoute: () => shell,
  path: '/attack',
  validateSearch: (search: Search) => clean({ hours: text(search.hours), show: text(search.show), technique: text(search.technique) }),
  component: lazyRouteComponent(() => import('./pages/attack/Attack'), 'Attack'),
});
const lockdown = createRoute({
  getParentRoute: () => shell,
  path: '/lockdown',
  validateSearch: (search: Search) => clean({ host: text(search.host) }),
  component: lazyRouteComponent(() => import('./pages/lockdown/Lockdown'), 'Lockdown'),
});
const policies = createRoute({ getParentRoute: () => shell, path: '/policies', component: lazyRouteComponent(() => import('./pages/policies/Policies'), 'Policies') });
const policy = createRoute({
  getParentRoute: () => shell,
  path: '/policies/$name',
  validateSearch: (search: Search) => clean({ from: text(search.from) }),
  component: lazyRouteComponent(() => import('./pages/policies/Policy'), 'Policy'),
});
const recovery = createRoute({
  getParentRoute: () => shell,
  path: '/recovery',
  validateSearch: (search: Search) => clean({ incident: text(search.incident) }),
  component: lazyRouteComponent(() => import('./pages/recovery/Recovery'), 'Recovery'),
});
const reports = createRoute({ getParentRoute: () => shell, path: '/reports', component: lazyRouteComponent(() => import('./pages/Reports'), 'Reports') });
const audit = createRoute({ getParentRoute: () => shell, path: '/audit', component: lazyRouteComponent(() => import('./pages/Audit'), 'Audit') });
const settings = createRoute({ getParentRoute: () => shell, path: '/settings', component: lazyRouteComponent(() => import('./pages/settings/Settings'), 'Settings') });

const tree = root.addChildren([signIn, shell.addChildren([overview, incidents, incident, alerts, hosts, host, hunt, integrity, baselines, malware, rules, rule, intelligence, attack, lockdown, policies, policy, recovery, quarantine, reports, audit, settings])]);

export function makeRouter(client: QueryClient) {
  return createRouter({ routeTree: tree, context: { client }, defaultPreload: 'intent', defaultErrorComponent: PageFailure, scrollRestoration: false });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
