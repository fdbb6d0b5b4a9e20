// The lock of each host, as it is now; one of them opened shows what it saw that nobody vouches for.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { lockdowns } from '../../api/protection';
import { useFormat } from '../../i18n/format';
import { AskedPanel } from '../../parts/AskedPanel';
import { type Column, DataTable } from '../../parts/DataTable';
import { Hostile } from '../../parts/Hostile';
import { Empty } from '../../parts/states';
import { HostLock } from './HostLock';
import { PhaseWord } from './words';

const route = getRouteApi('/shell/lockdown');

export function Lockdown() {
  const { t } = useTranslation();
  const { host } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(lockdowns);
  const opened = query.data?.items.find((one) => one.answer.host_id === host);
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.lockdown')}</h1>
        <span className="muted">{t('lockdown.hint')}</span>
      </div>
      <AskedPanel title={t('nav.hosts')} query={query} answers={({ items }) => items.map((one) => one.answer)}>
        {({ items }) => (items.length === 0 ? <Empty text={t('host.none')} /> : <Locks items={items} chosen={host} open={(next) => void navigate({ search: next === host ? {} : { host: next }, replace: true })} />)}
      </AskedPanel>
      {opened && <HostLock key={opened.answer.host_id} lock={opened} close={() => void navigate({ search: {}, replace: true })} />}
    </div>
  );
}

type Lock = Schema['HostLockdown'];

function Locks({ items, chosen, open }: { items: Lock[]; chosen: string | undefined; open: (host: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figure = (row: Lock, pick: (state: Schema['LockdownState']) => number) => (row.state ? format.number(pick(row.state)) : '—');
  const columns: Column<Lock>[] = [
    { id: 'host', header: t('column.host'), width: 'minmax(120px, 1fr)', value: (row) => row.answer.host_name, cell: (row) => <Hostile text={row.answer.host_name} limit={80} /> },
    { id: 'phase', header: t('lockdown.state'), width: 'minmax(170px, 1.2fr)', cell: (row) => <PhaseWord lock={row} /> },
    { id: 'unknown', header: t('lockdown.unknown'), width: '110px', numeric: true, value: (row) => row.state?.unknown ?? -1, cell: (row) => figure(row, (state) => state.unknown) },
    { id: 'denied', header: t('lockdown.denied'), width: '100px', numeric: true, value: (row) => row.state?.denied ?? -1, cell: (row) => figure(row, (state) => state.denied) },
    { id: 'would', header: t('lockdown.wouldDeny'), width: '130px', numeric: true, value: (row) => row.state?.would_deny ?? -1, cell: (row) => figure(row, (state) => state.would_deny) },
    { id: 'asked', header: t('lockdown.asked'), width: '100px', numeric: true, value: (row) => row.state?.asked ?? -1, cell: (row) => figure(row, (state) => state.asked) },
    { id: 'trusted', header: t('lockdown.trusted'), width: '100px', numeric: true, value: (row) => row.state?.trusted ?? -1, cell: (row) => figure(row, (state) => state.trusted + state.listed) },
  ];
  return <DataTable label={t('nav.lockdown')} columns={columns} rows={items} rowKey={(row) => row.answer.host_id} onOpen={(row) => open(row.answer.host_id)} height={Math.min(items.length, 8) * 32 + 32} className="is-boxed" {...(chosen ? { selected: chosen } : {})} />;
}
