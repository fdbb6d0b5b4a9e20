// What each person prefers: language, theme, density. Kept by the node for the user and in the browser for the sign-in page,
// so that the first paint is already right.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { api, ask, type Preferences } from '../api/client';
import { type Language, setLanguage } from '../i18n';

const key = 'tamon.preferences';
const initial: Preferences = { language: 'auto', theme: 'auto', density: 'comfortable' };

export function storedPreferences(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>) };
  } catch {
    return initial;
  }
}

export function languageOf(preferences: Preferences): Language {
  if (new URLSearchParams(location.search).get('lang') === 'en-XA') return 'en-XA';
  if (preferences.language !== 'auto') return preferences.language;
  return navigator.languages.find((tag) => /^(en|ja)\b/.test(tag))?.startsWith('ja') ? 'ja' : 'en';
}

export function themeOf(preferences: Preferences): 'dark' | 'light' {
  if (preferences.theme !== 'auto') return preferences.theme;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function applyLook(preferences: Preferences): void {
  document.documentElement.dataset.mantineColorScheme = themeOf(preferences);
  document.documentElement.dataset.density = preferences.density;
}

interface Prefs {
  preferences: Preferences;
  theme: 'dark' | 'light';
  /** `remember` also tells the node, which needs someone to be signed in. */
  change: (change: Partial<Preferences>, remember: boolean) => void;
}

const Context = createContext<Prefs | null>(null);

export function usePrefs(): Prefs {
  const prefs = useContext(Context);
  if (!prefs) throw new Error('usePrefs outside PrefsProvider');
  return prefs;
}

export function PrefsProvider({ children }: { children: ReactNode }) {
  const [preferences, setPreferences] = useState(storedPreferences);
  const change = useCallback((change: Partial<Preferences>, remember: boolean) => {
    setPreferences((old) => {
      const next = { ...old, ...change };
      localStorage.setItem(key, JSON.stringify(next));
      return next;
    });
    // The browser remembers in any case; the node's copy is for the person's other browsers.
    if (remember) void ask(api.PATCH('/api/v1/me', { body: change })).catch(() => undefined);
  }, []);
  useEffect(() => {
    applyLook(preferences);
    void setLanguage(languageOf(preferences));
  }, [preferences]);
  const value = useMemo(() => ({ preferences, theme: themeOf(preferences), change }), [preferences, change]);
  return <Context value={value}>{children}</Context>;
}
