// What the vaults hold (of one host, or of all), asked of the hosts now, and the way back for each file.
import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type QuarantineItem } from '../api/client';
import { restorePreview } from '../api/protection';
import { me, quarantine } from '../api/queries';
import { useFormat } from '../i18n/format';
import { Answers } from '../parts/Answers';
import { CommandResult } from '../parts/CommandResult';
import { Hostile } from '../parts/Hostile';
import { Panel } from '../parts/Panel';
import { Await, Empty, FailureNote } from '../parts/states';
import { Dialog } from '../shell/Dialog';
import { RestoreConsequences } from './malware/RestoreConsequences';

export function QuarantineOf({ host }: { host?: string }) {
  const { t } = useTranslation();
  const query = useQuery(quarantine(host));
  const [restoring, setRestoring] = useState<QuarantineItem>();
  return (
    <Panel
      title={t('quarantine.title')}
      tools={
        <Button variant="default" onClick={() => void query.refetch()} disabled={query.isFetching}>
          {t('action.again')}
        </Button>
      }
    >
      <Await query={query}>
        {(data) => (
          <div className="dialog">
            <Answers answers={data.hosts} />
            {data.items.length === 0 ? <Empty text={t('quarantine.none')} /> : <Items items={data.items} restore={setRestoring} />}
          </div>
        )}
      </Await>
      {restoring && <RestoreDialog item={restoring} close={() => setRestoring(undefined)} done={() => void query.refetch()} />}
    </Panel>
  );
}

function Items({ items, restore }: { items: QuarantineItem[]; restore: (item: QuarantineItem) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const viewer = useQuery(me).data?.role === 'viewer';
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label={t('quarantine.title')}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('column.time')}</th>
            <th scope="col">{t('column.host')}</th>
            <th scope="col">{t('column.file')}</th>
            <th scope="col" className="num">
              {t('column.size')}
            </th>
            <th scope="col">{t('process.sha256')}</th>
            <th scope="col">{t('respond.reason')}</th>
            <th scope="col">{t('column.action')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.host_id} ${item.id}`}>
              <td className="time">{format.time(item.time)}</td>
              <td>
                <Hostile text={item.host_name} limit={80} />
              </td>
              <td className="wrap">
                <Hostile code text={item.path} limit={300} />
              </td>
              <td className="num nowrap">{format.bytes(item.size ?? 0)}</td>
              <td className="mono" title={item.sha256}>
                {item.sha256?.slice(0, 12)}…
              </td>
              <td className="wrap">
                <Hostile text={item.reason} limit={200} />
              </td>
              <td>
                <Button variant="default" disabled={viewer} onClick={() => restore(item)}>
                  {t('quarantine.restore')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RestoreDialog({ item, close, done }: { item: QuarantineItem; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [sent, setSent] = useState<string>();
  const [error, setError] = useState<unknown>();
  const preview = useQuery(restorePreview(item.host_id ?? '', item.id ?? ''));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const command = await ask(api.POST('/api/v1/quarantine/{id}/restore', { params: { path: { id: item.id ?? '' } }, body: { host_id: item.host_id ?? '', reason } }));
      setSent(command.id);
      done();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t('quarantine.restoreTitle')} close={() => (done(), close())}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <p>{t('quarantine.restoreText')}</p>
        <div className="pre">
          <Hostile text={item.path} limit={600} />
        </div>
        {sent ? (
          <CommandResult id={sent} />
        ) : (
          <>
            <section aria-label={t('respond.preview')} data-testid="preview">
              <Await query={preview}>{(data) => <RestoreConsequences preview={data} />}</Await>
            </section>
            <Textarea label={t('respond.reason')} description={t('respond.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} rows={2} required withAsterisk={false} />
            {error !== undefined && <FailureNote error={error} />}
          </>
        )}
        <div className="buttons">
          <Button variant="default" onClick={() => (done(), close())}>
            {t(sent ? 'action.close' : 'action.cancel')}
          </Button>
          {!sent && (
            <Button type="submit" variant="filled" disabled={reason.trim() === '' || !preview.data || preview.data.item?.taken === true} data-testid="confirm">
              {t('quarantine.restore')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
