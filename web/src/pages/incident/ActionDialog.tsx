// Before anything is destroyed: what exactly would end or move, on a host that is there or not, and why one does it. Then what
// became of it, as the host reports it.
import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Consequences, type ResponseAction } from '../../api/client';
import { useSaid } from '../../i18n/said';
import { CommandResult } from '../../parts/CommandResult';
import { Hostile } from '../../parts/Hostile';
import { Await, FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { clip, printable } from '../../text/printable';
import { ResolveNow } from './ResolveNow';
import { keyOf, type Target } from './targets';

interface Props {
  title: string;
  incident: string;
  targets: Target[];
  first: ResponseAction | undefined;
  close: () => void;
}

export function ActionDialog({ title, incident, targets, first, close }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [action, setAction] = useState(first);
  const [reason, setReason] = useState('');
  const [sent, setSent] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const preview = useQuery({
    queryKey: ['preview', incident, action],
    enabled: action !== undefined,
    staleTime: 0,
    queryFn: () => ask(api.POST('/api/v1/incidents/{id}/actions', { params: { path: { id: incident } }, body: { action: action as ResponseAction, preview: true } })),
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!action) return;
    setBusy(true);
    setError(undefined);
    try {
      const done = await ask(api.POST('/api/v1/incidents/{id}/actions', { params: { path: { id: incident } }, body: { action, preview: false, reason } }));
      setSent(done.command?.id);
      void client.invalidateQueries({ queryKey: ['incident', incident] });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const known = action ? targets.some((target) => keyOf(target.action) === keyOf(action)) : true;
  const choices = [...(known || !action ? [] : [{ action, name: action.kind === 'kill_tree' ? action.entity_id : action.path }]), ...targets];
  if (sent !== undefined) {
    return (
      <Dialog title={title} close={close}>
        <div className="dialog">
          <CommandResult id={sent} />
          <ResolveNow incident={incident} reason={reason} close={close} />
          <div className="buttons">
            <Button variant="filled" onClick={close}>
              {t('action.close')}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} close={close}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <NativeSelect
          label={t('respond.target')}
          data={choices.map((target) => ({ value: keyOf(target.action), label: clip(printable(target.name), 90) }))}
          value={action ? keyOf(action) : ''}
          onChange={(event) => setAction(choices.find((target) => keyOf(target.action) === event.currentTarget.value)?.action)}
        />
        <section aria-label={t('respond.preview')} data-testid="preview">
          <Await query={preview}>{(answer) => <Preview consequences={answer.preview} />}</Await>
        </section>
        <Textarea label={t('respond.reason')} description={t('respond.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} rows={2} required withAsterisk={false} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" className="destroys" disabled={busy || reason.trim() === '' || !preview.data} data-testid="confirm">
            {title}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const mostProcesses = 12;

function Preview({ consequences }: { consequences: Consequences }) {
  const { t } = useTranslation();
  const said = useSaid();
  const { processes, sentences, host_connected } = consequences;
  return (
    <div className="dialog">
      {!host_connected && <p className="note is-warn">{t('respond.away')}</p>}
      {sentences.map((sentence, index) => (
        <p key={index} className="wrap">
          <Hostile text={said(sentence.text)} limit={500} />
        </p>
      ))}
      {processes.length > 0 && (
        <>
          <h3>{t('respond.ends', { count: processes.length })}</h3>
          <ul className="pre" tabIndex={0} aria-label={t('respond.ends', { count: processes.length })}>
            {processes.slice(0, mostProcesses).map((process) => (
              <li key={process.entity_id}>
                {process.pid} <Hostile text={process.command_line || process.name} limit={160} />
              </li>
            ))}
            {processes.length > mostProcesses && <li>{t('list.andMore', { count: processes.length - mostProcesses })}</li>}
          </ul>
        </>
      )}
    </div>
  );
}
