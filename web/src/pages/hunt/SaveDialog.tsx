import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { savedQueries } from '../../api/queries';
import { FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';

/** Keeps a query under a name. */
export function SaveDialog({ sql, close }: { sql: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await ask(api.POST('/api/v1/saved-queries', { body: { name, description, sql } }));
      await client.invalidateQueries({ queryKey: savedQueries.queryKey });
      close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t('hunt.save')} close={close}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <TextInput label={t('hunt.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} required withAsterisk={false} data-autofocus />
        <TextInput label={t('hunt.description')} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={name.trim() === ''}>
            {t('hunt.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
