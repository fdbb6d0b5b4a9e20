// Before anything is destroyed: what exactly would end or move, on a host that is there or not, and why one does it. Then what
// became of it, as the host reports it.
import { NativeSelect } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Consequences, type ResponseAction } from '../../api/client';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';
import { Order } from '../../parts/Order';
import { Processes } from '../../parts/Processes';
import { Await } from '../../parts/states';
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
  const preview = useQuery({
    queryKey: ['preview', incident, action],
    enabled: action !== undefined,
    staleTime: 0,
    queryFn: () => ask(api.POST('/api/v1/incidents/{id}/actions', { params: { path: { id: incident } }, body: { action: action as ResponseAction, preview: true } })),
  });
  const act = async (reason: string) => {
    if (!action) return undefined;
    const done = await ask(api.POST('/api/v1/incidents/{id}/actions', { params: { path: { id: incident } }, body: { action, preview: false, reason } }));
    void client.invalidateQueries({ queryKey: ['incident', incident] });
    return done.command?.id;
  };
  const known = action ? targets.some((target) => keyOf(target.action) === keyOf(action)) : true;
  const choices = [...(known || !action ? [] : [{ action, name: action.kind === 'kill_tree' ? action.entity_id : action.path }]), ...targets];
  return (
    <Dialog title={title} close={close}>
      <Order confirm={title} destroys disabled={!preview.data} close={close} act={act} after={(_, reason) => <ResolveNow incident={incident} reason={reason} close={close} />}>
        <NativeSelect
          label={t('respond.target')}
          data={choices.map((target) => ({ value: keyOf(target.action), label: clip(printable(target.name), 90) }))}
          value={action ? keyOf(action) : ''}
          onChange={(event) => setAction(choices.find((target) => keyOf(target.action) === event.currentTarget.value)?.action)}
        />
        <section aria-label={t('respond.preview')} data-testid="preview">
          <Await query={preview}>{(answer) => <Preview consequences={answer.preview} />}</Await>
        </section>
      </Order>
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
      {processes.length > 0 && <h3>{t('respond.ends', { count: processes.length })}</h3>}
      <Processes processes={processes} most={mostProcesses} />
    </div>
  );
}
