// Sign-in by password, or by the one-time link that the command line prints. The token is taken out of the address at once.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconShieldHalf } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter, useRouterState } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema, setCsrf } from '../api/client';
import { me } from '../api/queries';
import { FailureNote, Loading } from '../parts/states';
import { LanguageSwitch, ThemeButton } from '../shell/Shell';
import { usePrefs } from '../shell/prefs';

const route = getRouteApi('/login');

function tokenOf(search: string | undefined, hash: string): string | undefined {
  if (search) return search;
  const fragment = new URLSearchParams(hash);
  return fragment.get('token') ?? fragment.get('login') ?? (/^[\w.~-]{16,}$/.test(hash) ? hash : undefined);
}

/** Only an address of our own. */
function inside(to: string | undefined): string {
  return to?.startsWith('/') && !to.startsWith('//') && !to.startsWith('/login') ? to : '/';
}

export function SignIn() {
  const { t } = useTranslation();
  const { token: queryToken, to } = route.useSearch();
  const client = useQueryClient();
  const router = useRouter();
  const { change } = usePrefs();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const hash = useRouterState({ select: (state) => state.location.hash });
  const tried = useRef<string>(undefined);

  const enter = async (body: Schema['SignIn']) => {
    setBusy(true);
    setError(undefined);
    try {
      const who = await ask(api.POST('/api/v1/session', { body }));
      setCsrf(who.csrf);
      client.clear();
      client.setQueryData(me.queryKey, who);
      const known = Object.fromEntries(Object.entries(who.preferences).filter(([, value]) => value !== 'auto'));
      change(known, false);
      await router.navigate({ to: inside(to) });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    const token = tokenOf(queryToken, hash);
    if (!token || tried.current === token) return;
    tried.current = token;
    history.replaceState(null, '', to ? `/login?to=${encodeURIComponent(to)}` : '/login');
    void enter({ token });
    // `enter` is made anew at each rendering; the token alone says when to try.
  }, [queryToken, hash]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void enter({ username, password });
  };
  return (
    <main className="sign-in">
      <div className="panel card">
        <div className="title">
          <IconShieldHalf size={24} aria-hidden />
          <h1>{t('signIn.title')}</h1>
        </div>
        {error !== undefined && <FailureNote error={error} />}
        {busy && <Loading />}
        <form onSubmit={submit}>
          <TextInput label={t('signIn.username')} value={username} onChange={(event) => setUsername(event.target.value)} autoComplete="username" required withAsterisk={false} />
          <PasswordInput
            label={t('signIn.password')}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          />
          <Button type="submit" variant="filled" disabled={busy}>
            {t('signIn.enter')}
          </Button>
        </form>
        <p className="muted">{t('signIn.link')}</p>
        <div className="prefs">
          <LanguageSwitch remember={false} />
          <ThemeButton remember={false} />
        </div>
      </div>
    </main>
  );
}
