import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { nodeRules } from '../../api/protection';
import { type SeverityName, severities } from '../../parts/Severity';
import { FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { Rejected } from '../rules/Rejected';
import { kinds } from './known';

const most = 1000;

/** Indicators of one kind and source. They say themselves why: their note is the reason that is kept. */
export function AddDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [kind, setKind] = useState<(typeof kinds)[number]>('ip');
  const [text, setText] = useState('');
  const [note, setNote] = useState('');
  const [severity, setSeverity] = useState<SeverityName>('high');
  const [search, setSearch] = useState(true);
  const [rejected, setRejected] = useState<Schema['RejectedRule'][]>([]);
  const [error, setError] = useState<unknown>();
  const values = [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      const added = await ask(api.POST('/api/v1/indicators', { body: { indicators: values.map((value) => ({ kind, value, note, severity })), only_new_events: !search } }));
      setRejected(added.rejected);
      await client.invalidateQueries({ queryKey: nodeRules.queryKey });
      if (added.rejected.length === 0) close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t('intelligence.title')} close={close} size={600}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <NativeSelect label={t('intelligence.kind')} value={kind} data={kinds.map((one) => ({ value: one, label: t(`intelligence.kindOf.${one}`) }))} onChange={(event) => setKind(event.currentTarget.value as (typeof kinds)[number])} />
        <Textarea className="sql" label={t('intelligence.values')} description={t('intelligence.valuesHint')} value={text} onChange={(event) => setText(event.currentTarget.value)} rows={5} spellCheck={false} data-autofocus data-testid="indicator-values" />
        <TextInput label={t('intelligence.note')} value={note} onChange={(event) => setNote(event.currentTarget.value)} required withAsterisk={false} data-testid="indicator-note" />
        <NativeSelect label={t('column.severity')} value={severity} data={severities.map((one) => ({ value: one, label: t(`severity.${one}`) }))} onChange={(event) => setSeverity(event.currentTarget.value as SeverityName)} />
        <label className="check">
          <input type="checkbox" checked={search} onChange={(event) => setSearch(event.currentTarget.checked)} />
          {t('nodeRule.search')}
        </label>
        <Rejected rejected={rejected} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={values.length === 0 || values.length > most || note.trim() === ''} data-testid="confirm">
            {t('intelligence.add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
