// A name for a new policy, and what it begins with: what a host has in force, or the shortest there is.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hosts } from '../../api/queries';
import { Dialog } from '../../shell/Dialog';
import { printable } from '../../text/printable';

const form = /^[A-Za-z0-9._-]{1,64}$/;

export function NewDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [from, setFrom] = useState('');
  const every = useQuery(hosts).data?.items.filter((host) => host.connected) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: '/policies/$name', params: { name }, search: { from: from || 'nothing' } });
  };
  return (
    <Dialog title={t('policy.new')} close={close}>
      <form className="dialog" onSubmit={submit}>
        <TextInput label={t('policy.name')} description={t('policy.nameHint')} value={name} onChange={(event) => setName(event.currentTarget.value.trim())} error={name !== '' && !form.test(name) && t('policy.nameHint')} data-autofocus />
        <NativeSelect label={t('policy.beginWith')} value={from} data={[{ value: '', label: t('policy.nothing') }, ...every.map((host) => ({ value: host.id, label: t('policy.ofHost', { host: printable(host.name) }) }))]} onChange={(event) => setFrom(event.currentTarget.value)} />
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={!form.test(name)}>
            {t('policy.edit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
