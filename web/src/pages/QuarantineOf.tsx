// What the vaults hold (of one host, or of all), asked of the hosts now, and the way back for each file.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type QuarantineItem } from '../api/client';
import { restorePreview } from '../api/protection';
import { me, quarantine } from '../api/queries';
import { useFormat } from '../i18n/format';
import { AskedPanel } from '../parts/AskedPanel';
import { Hostile } from '../parts/Hostile';
import { Order } from '../parts/Order';
import { PlainTable } from '../parts/PlainTable';
import { Await, Empty } from '../parts/states';
import { Dialog } from '../shell/Dialog';
import { RestoreConsequences } from './malware/RestoreConsequences';

export function QuarantineOf({ host }: { host?: string }) {
  const { t } = useTranslation();
  const query = useQuery(quarantine(host));
  const [restoring, setRestoring] = useState<QuarantineItem>();
  return (
    <>
      <AskedPanel title={t('quarantine.title')} query={query} answers={(data) => data.hosts}>
        {(data) => (data.items.length === 0 ? <Empty text={t('quarantine.none')} /> : <Items items={data.items} restore={setRestoring} />)}
      </AskedPanel>
      {restoring && <RestoreDialog item={restoring} close={() => setRestoring(undefined)} done={() => void query.refetch()} />}
    </>
  );
}

function Items({ items, restore }: { items: QuarantineItem[]; restore: (item: QuarantineItem) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const viewer = useQuery(me).data?.role === 'viewer';
  return (
    <PlainTable label={t('quarantine.title')} heads={[t('column.time'), t('column.host'), t('column.file'), [t('column.size')], t('process.sha256'), t('respond.reason'), t('column.action')]}>
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
    </PlainTable>
  );
}

function RestoreDialog({ item, close, done }: { item: QuarantineItem; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const preview = useQuery(restorePreview(item.host_id ?? '', item.id ?? ''));
  const act = async (reason: string) => {
    const command = await ask(api.POST('/api/v1/quarantine/{id}/restore', { params: { path: { id: item.id ?? '' } }, body: { host_id: item.host_id ?? '', reason } }));
    done();
    return command.id;
  };
  const shut = () => (done(), close());
  return (
    <Dialog title={t('quarantine.restoreTitle')} close={shut}>
      <div className="dialog">
        <p>{t('quarantine.restoreText')}</p>
        <div className="pre">
          <Hostile text={item.path} limit={600} />
        </div>
        <Order confirm={t('quarantine.restore')} disabled={!preview.data || preview.data.item?.taken === true} close={shut} act={act}>
          <section aria-label={t('respond.preview')} data-testid="preview">
            <Await query={preview}>{(data) => <RestoreConsequences preview={data} />}</Await>
          </section>
        </Order>
      </div>
    </Dialog>
  );
}
