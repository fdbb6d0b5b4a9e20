// The frame of every page: navigation, search, language, theme, and whether what is shown is live.
import { IconActivity, IconAlertTriangle, IconArchive, IconBell, IconClipboardList, IconGridDots, IconHistory, IconListCheck, IconLock, IconScript, IconVirus, IconChartHistogram, IconFileDiff, IconHelp, IconLayoutDashboard, IconLogout, IconMoon, IconRadar, IconReport, IconSearch, IconServer2, IconSettings, IconShieldHalf, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, Failure } from '../api/client';
import { me, overview } from '../api/queries';
import { useFormat } from '../i18n/format';
import { LiveProvider, useLive } from '../live/LiveProvider';
import { Hostile } from '../parts/Hostile';
import { Loading } from '../parts/states';
import { usePrefs } from './prefs';
import { pages, useShortcuts } from './shortcuts';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));
const FailureDialog = lazy(() => import('./FailureDialog').then((module) => ({ default: module.FailureDialog })));
const KeysDialog = lazy(() => import('./KeysDialog').then((module) => ({ default: module.KeysDialog })));

const icons = {
  overview: IconLayoutDashboard,
  incidents: IconAlertTriangle,
  alerts: IconBell,
  malware: IconVirus,
  hosts: IconServer2,
  hunt: IconSearch,
  rules: IconScript,
  intelligence: IconRadar,
  attack: IconGridDots,
  integrity: IconFileDiff,
  baselines: IconChartHistogram,
  lockdown: IconLock,
  policies: IconListCheck,
  recovery: IconHistory,
  quarantine: IconArchive,
  reports: IconReport,
  audit: IconClipboardList,
  settings: IconSettings,
};

export function Shell() {
  return (
    <LiveProvider>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const { t } = useTranslation();
  const main = useRef<HTMLElement>(null);
  const [dialog, setDialog] = useState<'palette' | 'keys' | null>(null);
  useShortcuts({ openPalette: useCallback(() => setDialog('palette'), []), openKeys: useCallback(() => setDialog('keys'), []) });
  useFocusOnNavigation(main);
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t('shell.skip')}
      </a>
      <Navigation />
      <header className="top">
        <button type="button" className="palette-button" onClick={() => setDialog('palette')} data-testid="palette">
          <IconSearch size={15} className="icon" aria-hidden />
          <span className="clip">{t('shell.palette')}</span>
          <kbd>⌘K</kbd>
        </button>
        <span className="fill" />
        <LiveMark />
        <LanguageSwitch remember />
        <ThemeButton remember />
        <button type="button" className="icon-button" onClick={() => setDialog('keys')} aria-label={t('shell.keys')} title={t('shell.keys')}>
          <IconHelp size={17} aria-hidden />
        </button>
        <SignOut />
      </header>
      <main className="main" id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense fallback={null}>
        {dialog === 'palette' && <Palette close={() => setDialog(null)} />}
        {dialog === 'keys' && <KeysDialog close={() => setDialog(null)} />}
      </Suspense>
    </div>
  );
}

/** A new page begins at its top for the keyboard and for screen readers too. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

function Navigation() {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useQuery(overview);
  const who = useQuery(me);
  return (
    <div className="side">
      <div className="brand">
        <IconShieldHalf size={18} className="icon" aria-hidden />
        <span>Tamon</span>
      </div>
      <nav aria-label={t('shell.navigation')}>
        {pages.map(({ name, to }) => {
          const Icon = icons[name];
          return (
            <Link key={name} to={to} className="nav" activeOptions={{ exact: to === '/' }} activeProps={{ 'aria-current': 'page' }} data-nav={name}>
              <Icon size={16} stroke={1.7} className="icon" aria-hidden />
              <span>{t(`nav.${name}`)}</span>
              {name === 'incidents' && figures.data && <span className="count">{format.number(figures.data.incidents.open)}</span>}
              {name === 'hosts' && figures.data && <span className="count">{format.number(figures.data.hosts.total)}</span>}
            </Link>
          );
        })}
      </nav>
      <div className="foot">
        {who.data && (
          <span className="clip">
            <Hostile text={who.data.username} /> · {t(`role.${who.data.role}`)}
          </span>
        )}
        {figures.data && <span className="clip">Tamon {figures.data.node.version}</span>}
      </div>
    </div>
  );
}

function LiveMark() {
  const { t } = useTranslation();
  const format = useFormat();
  const state = useLive();
  const figures = useQuery(overview);
  return (
    <span className={`live is-${state}`} role="status" data-live={state}>
      <span className="dot" aria-hidden />
      {t(`live.${state}`)}
      {state === 'live' && figures.data && (
        <span aria-hidden className="muted">
          <IconActivity size={12} className="icon" aria-hidden /> {t('live.rate', { rate: format.rate(figures.data.ingest.events_per_second) })}
        </span>
      )}
    </span>
  );
}

export function LanguageSwitch({ remember }: { remember: boolean }) {
  const { t, i18n } = useTranslation();
  const { change } = usePrefs();
  const choices = [
    { id: 'en', name: 'English' },
    { id: 'ja', name: '日本語' },
  ] as const;
  return (
    <div className="switch" role="group" aria-label={t('settings.language')}>
      {choices.map(({ id, name }) => (
        <button key={id} type="button" lang={id} aria-pressed={i18n.language === id} onClick={() => change({ language: id }, remember)} data-language={id}>
          {name}
        </button>
      ))}
    </div>
  );
}

export function ThemeButton({ remember }: { remember: boolean }) {
  const { t } = useTranslation();
  const { theme, change } = usePrefs();
  const next = theme === 'dark' ? 'light' : 'dark';
  const label = t(`settings.to_${next}`);
  return (
    <button type="button" className="icon-button" onClick={() => change({ theme: next }, remember)} aria-label={label} title={label} data-theme-button>
      {theme === 'dark' ? <IconSun size={17} aria-hidden /> : <IconMoon size={17} aria-hidden />}
    </button>
  );
}

function SignOut() {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>();
  const leave = async () => {
    try {
      await ask(api.DELETE('/api/v1/session'));
    } catch (failure) {
      // Whoever is not signed out must not believe it.
      if (!(failure instanceof Failure && failure.code === 'not_signed_in')) return setError(failure);
    }
    location.assign('/login');
  };
  return (
    <>
      <button type="button" className="icon-button" onClick={() => void leave()} aria-label={t('shell.signOut')} title={t('shell.signOut')}>
        <IconLogout size={17} aria-hidden />
      </button>
      {error !== undefined && (
        <Suspense fallback={null}>
          <FailureDialog title={t('shell.signOut')} error={error} close={() => setError(undefined)} />
        </Suspense>
      )}
    </>
  );
}
