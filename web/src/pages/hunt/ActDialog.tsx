// Acting on rows of an answer: each target with what would end there now, one reason for all, then what became of each.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Command, type ResponseAction, type Schema } from '../../api/client';
import { useSaid } from '../../i18n/said';
import { SentCommands } from '../../parts/Commands';
import { Hostile } from '../../parts/Hostile';
import { Processes } from '../../parts/Processes';
import { ReasonForm } from '../../parts/ReasonForm';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';

const mostProcesses = 6;

export function ActDialog({ kind, actions, close }: { kind: ResponseAction['kind']; actions: ResponseAction[]; close: () => void }) {
  const { t } = useTranslation();
  const [sent, setSent] = useState<Command[]>();
  const preview = useQuery({ queryKey: ['hunt-actions', actions], staleTime: 0, queryFn: () => ask(api.POST('/api/v1/actions', { body: { actions, preview: true } })) });
  const act = async (reason: string) => {
    const { items } = await ask(api.POST('/api/v1/actions', { body: { actions, preview: false, reason } }));
    setSent(items.flatMap((item) => item.command ?? []));
  };
  const nameOf = (host: string) => preview.data?.items.find((item) => item.action.host_id === host)?.host_name ?? host;
  return (
    <Dialog title={t(`respond.${kind}`)} close={close} size={640}>
      {sent ? (
        <SentCommands commands={sent} nameOf={nameOf} close={close} />
      ) : (
        <div className="dialog">
          <section aria-label={t('respond.preview')} data-testid="preview">
            <Await query={preview}>{(data) => data.items.map((item, index) => <Item key={index} item={item} />)}</Await>
          </section>
          <ReasonForm confirm={t(`respond.${kind}`)} destroys disabled={!preview.data} close={close} act={act} />
        </div>
      )}
    </Dialog>
  );
}

function Item({ item }: { item: Schema['ActionItem'] }) {
  const { t } = useTranslation();
  const said = useSaid();
  const { processes, sentences, host_connected } = item.preview;
  const gone = item.asked && item.action.kind === 'kill_tree' && processes.length === 0;
  return (
    <article className="card">
      {!host_connected && <p className="note is-warn">{t('respond.away')}</p>}
      {host_connected && !item.asked && <p className="note is-warn">{t('hunt.notAsked')}</p>}
      {gone && <p className="note is-warn">{t('hunt.ended')}</p>}
      {sentences.map((sentence, index) => (
        <p key={index} className="wrap">
          <Hostile text={said(sentence.text)} limit={400} />
        </p>
      ))}
      <Processes processes={processes} most={mostProcesses} />
    </article>
  );
}
