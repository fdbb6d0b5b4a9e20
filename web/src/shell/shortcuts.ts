// Keys for people who work here all day: `/` search, `g` and a letter to go, `?` this list, Ctrl-K or ⌘K the palette. Single keys
// are silent while one types.
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

export const pages = [
  { name: 'overview', to: '/', key: 'o' },
  { name: 'incidents', to: '/incidents', key: 'i' },
  { name: 'alerts', to: '/alerts', key: 'a' },
  { name: 'malware', to: '/malware', key: 'm' },
  { name: 'hosts', to: '/hosts', key: 'h' },
  { name: 'hunt', to: '/hunt', key: 'u' },
  { name: 'rules', to: '/rules', key: 'r' },
  { name: 'intelligence', to: '/intelligence', key: 'n' },
  { name: 'attack', to: '/attack', key: 't' },
  { name: 'integrity', to: '/integrity', key: 'f' },
  { name: 'baselines', to: '/baselines', key: 'b' },
  { name: 'lockdown', to: '/lockdown', key: 'k' },
  { name: 'policies', to: '/policies', key: 'p' },
  { name: 'recovery', to: '/recovery', key: 'y' },
  { name: 'quarantine', to: '/quarantine', key: 'q' },
  { name: 'reports', to: '/reports', key: 'e' },
  { name: 'audit', to: '/audit', key: 'l' },
  { name: 'settings', to: '/settings', key: 's' },
] as const;

export const pageSearch = 'data-page-search';
const chord = 1500;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

export function useShortcuts({ openPalette, openKeys }: { openPalette: () => void; openKeys: () => void }) {
  const router = useRouter();
  useEffect(() => {
    let went = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || document.querySelector('[role="dialog"]')) return;
      const page = Date.now() - went < chord ? pages.find(({ key }) => key === event.key) : undefined;
      went = event.key === 'g' ? Date.now() : 0;
      if (page) void router.navigate({ to: page.to });
      else if (event.key === '?') openKeys();
      else if (event.key === '/') focusSearch(openPalette);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [router, openPalette, openKeys]);
}

function focusSearch(otherwise: () => void) {
  const field = document.querySelector<HTMLElement>(`[${pageSearch}]`);
  if (field) field.focus();
  else otherwise();
}
