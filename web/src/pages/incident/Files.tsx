// Files of the case: what hosts said of them, and their beginning where it was taken. Content leaves the node as hex only.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type IncidentDetail, type Schema } from '../../api/client';
import { incident as incidentQuery, me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { ReasonForm } from '../../parts/ReasonForm';
import { Empty, FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { printable } from '../../text/printable';
import { save } from '../hunt/export';

type CaseFile = Schema['CaseFile'];

export function Files({ detail, suggested }: { detail: IncidentDetail; suggested: string }) {
  const { t } = useTranslation();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [taking, setTaking] = useState(false);
  return (
    <Panel
      title={t('case.files')}
      tools={
        <Button variant="default" disabled={viewer} onClick={() => setTaking(true)} data-testid="take-file">
          {t('case.take')}
        </Button>
      }
    >
      {detail.files.length === 0 ? (
        <Empty text={t('case.noFiles')} />
      ) : (
        <div className="columns" data-testid="case-files">
          {detail.files.map((file) => (
            <Card key={file.number} incident={detail.incident.id} file={file} viewer={viewer} />
          ))}
        </div>
      )}
      {taking && <TakeDialog detail={detail} suggested={suggested} close={() => setTaking(false)} />}
    </Panel>
  );
}

const facts = ['kind', 'size', 'owner', 'mode', 'modified', 'package', 'sha256', 'state', 'special', 'immutable'] as const;

function Card({ incident, file, viewer }: { incident: string; file: CaseFile; viewer: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const content = useMutation({
    mutationFn: () => ask(api.GET('/api/v1/incidents/{id}/files/{number}', { params: { path: { id: incident, number: String(file.number) } } })),
    onSuccess: (answer) => save(`${incident}-${file.number}.hex.txt`, 'text/plain', answer.content),
  });
  return (
    <section className="card">
      <h3>
        <Hostile code text={file.path} limit={300} />
      </h3>
      <p className="muted">
        <Hostile text={`${file.host_name} · ${file.requested_by}`} limit={120} /> · <span className="time">{format.time(file.time)}</span> · <Hostile text={file.reason} limit={200} />
      </p>
      <Facts items={facts.map((name) => [t(`case.fact.${name}`), file.facts[name] ? <Hostile code text={file.facts[name]} limit={200} /> : undefined])} />
      {file.notes.map((note) => (
        <p key={note} className="note is-warn wrap">
          <Hostile text={note} limit={300} />
        </p>
      ))}
      {content.isError && <FailureNote error={content.error} />}
      {file.content_bytes > 0 && (
        <div>
          <Button variant="default" disabled={viewer || content.isPending} onClick={() => content.mutate()}>
            {t('case.hex', { size: format.bytes(file.content_bytes) })}
          </Button>
        </div>
      )}
    </section>
  );
}

function TakeDialog({ detail, suggested, close }: { detail: IncidentDetail; suggested: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { id, hosts } = detail.incident;
  const [host, setHost] = useState(hosts[0]?.id ?? '');
  const [path, setPath] = useState(suggested);
  const [content, setContent] = useState(true);
  const act = async (reason: string) => {
    await ask(api.POST('/api/v1/incidents/{id}/files', { params: { path: { id } }, body: { host_id: host, path, content, reason } }));
    await client.invalidateQueries({ queryKey: incidentQuery(id).queryKey });
    close();
  };
  return (
    <Dialog title={t('case.take')} close={close}>
      <div className="dialog">
        <p>{t('case.takeText')}</p>
        <NativeSelect label={t('column.host')} value={host} data={hosts.map((one) => ({ value: one.id, label: printable(one.name) }))} onChange={(event) => setHost(event.currentTarget.value)} />
        <TextInput label={t('case.path')} value={path} onChange={(event) => setPath(event.currentTarget.value)} error={path !== '' && !path.startsWith('/') && t('scan.notAbsolute')} />
        <label className="check">
          <input type="checkbox" checked={content} onChange={(event) => setContent(event.currentTarget.checked)} />
          {t('case.withContent')}
        </label>
        <ReasonForm confirm={t('case.take')} disabled={!path.startsWith('/') || host === ''} close={close} act={act} />
      </div>
    </Dialog>
  );
}
