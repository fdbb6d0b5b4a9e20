// One's own settings: language, theme, density, password; and for an administrator, who may come in.
import { Button, NativeSelect, PasswordInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Preferences, setCsrf } from '../../api/client';
import { me } from '../../api/queries';
import { Panel } from '../../parts/Panel';
import { FailureNote } from '../../parts/states';
import { usePrefs } from '../../shell/prefs';
import { Agents, Enrolment, Users } from './Access';

export function Settings() {
  const { t } = useTranslation();
  const admin = useQuery(me).data?.role === 'admin';
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.settings')}</h1>
      </div>
      <div className="columns">
        <Look />
        <Password />
        {admin && <Enrolment />}
      </div>
      {admin && (
        <div className="columns">
          <Users />
          <Agents />
        </div>
      )}
    </div>
  );
}

function Look() {
  const { t } = useTranslation();
  const { preferences, change } = usePrefs();
  const rows = [
    { name: 'language', values: ['auto', 'en', 'ja'] },
    { name: 'theme', values: ['auto', 'dark', 'light'] },
    { name: 'density', values: ['comfortable', 'compact'] },
  ] as const;
  return (
    <Panel title={t('settings.look')}>
      <div className="dialog">
        {rows.map(({ name, values }) => (
          <NativeSelect
            key={name}
            label={t(`settings.${name}`)}
            value={preferences[name]}
            onChange={(event) => change({ [name]: event.currentTarget.value } as Partial<Preferences>, true)}
            data={values.map((value) => ({ value, label: value === 'en' ? 'English' : value === 'ja' ? '日本語' : t(`settings.${value}`) }))}
            data-testid={name}
          />
        ))}
      </div>
    </Panel>
  );
}

const shortest = 12;

function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const who = useQuery(me).data;
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setDone(false);
    try {
      const updated = await ask(api.PATCH('/api/v1/me', { body: { password: who?.needs_password ? { new: next } : { current, new: next } } }));
      // A new password is a new session, with a token of its own.
      setCsrf(updated.csrf);
      client.setQueryData(me.queryKey, updated);
      setCurrent('');
      setNext('');
      setDone(true);
    } catch (failure) {
      setError(failure);
    }
  };
  const show = { 'aria-label': t('signIn.show') };
  return (
    <Panel title={t('settings.password')}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        {who?.needs_password && <p className="muted">{t('settings.needsPassword')}</p>}
        {!who?.needs_password && (
          <PasswordInput label={t('settings.current')} value={current} onChange={(event) => setCurrent(event.currentTarget.value)} autoComplete="current-password" required withAsterisk={false} visibilityToggleButtonProps={show} />
        )}
        <PasswordInput label={t('settings.new')} description={t('settings.newHint', { count: shortest })} value={next} onChange={(event) => setNext(event.currentTarget.value)} autoComplete="new-password" minLength={shortest} required withAsterisk={false} visibilityToggleButtonProps={show} />
        {error !== undefined && <FailureNote error={error} />}
        {done && (
          <p className="note" role="status">
            {t('settings.saved')}
          </p>
        )}
        <div className="buttons">
          <Button type="submit" variant="filled" disabled={next.length < shortest}>
            {t('settings.set')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
