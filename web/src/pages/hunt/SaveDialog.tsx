import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type SavedQuery } from '../../api/client';
import { savedQueries } from '../../api/queries';
import { FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { printable } from '../../text/printable';

/** Keeps a query under a name; one of the team that it began from can be changed instead. */
export function SaveDialog({ sql, of, saved, close }: { sql: string; of: SavedQuery | undefined; saved: (query: SavedQuery) => void; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [changed, setChanged] = useState(of);
  const [name, setName] = useState(of?.name ?? '');
  const [description, setDescription] = useState(of?.description ?? '');
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { name, description, sql };
    try {
      saved(await ask(changed ? api.PUT('/api/v1/saved-queries/{id}', { params: { path: { id: changed.id } }, body }) : api.POST('/api/v1/saved-queries', { body })));
      await client.invalidateQueries({ queryKey: savedQueries.queryKey });
      close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t('hunt.save')} close={close}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        {of && (
          <NativeSelect
            label={t('hunt.saveAs')}
            value={changed ? 'change' : 'new'}
            data={[
              { value: 'change', label: t('hunt.saveOver', { name: printable(of.name) }) },
              { value: 'new', label: t('hunt.saveNew') },
            ]}
            onChange={(event) => setChanged(event.currentTarget.value === 'change' ? of : undefined)}
          />
        )}
        <TextInput label={t('hunt.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} required withAsterisk={false} data-autofocus />
        <TextInput label={t('hunt.description')} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={name.trim() === ''} data-testid="confirm">
            {t('hunt.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
