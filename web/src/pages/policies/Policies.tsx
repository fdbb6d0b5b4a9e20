// Policies of the node, and what each host was given: what runs under which policy, and whether it took it.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { policies } from '../../api/protection';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { type Column, DataTable } from '../../parts/DataTable';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Await, Empty } from '../../parts/states';
import { useModeWord } from '../lockdown/words';
import { HostPolicyDialog } from './HostPolicyDialog';
import { NewDialog } from './NewDialog';
import { GivenWord } from './words';

type Summary = Schema['PolicySummary'];
type Host = Schema['PolicyHost'];

export function Policies() {
  const { t } = useTranslation();
  const query = useQuery(policies);
  const admin = useQuery(me).data?.role === 'admin';
  const [making, setMaking] = useState(false);
  const [host, setHost] = useState<Host>();
  const navigate = useNavigate();
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.policies')}</h1>
        <span className="muted">{t('policy.hint')}</span>
        <div className="actions">
          <Button variant="filled" onClick={() => setMaking(true)} disabled={!admin} data-testid="new-policy">
            {t('policy.new')}
          </Button>
        </div>
      </div>
      <Await query={query}>
        {(data) => (
          <>
            <Panel title={t('policy.list')}>{data.items.length === 0 ? <Empty text={t('policy.none')} /> : <List items={data.items} open={(name) => void navigate({ to: '/policies/$name', params: { name } })} />}</Panel>
            <Panel title={t('policy.byHost')}>{data.hosts.length === 0 ? <Empty text={t('host.none')} /> : <Hosts items={data.hosts} open={setHost} />}</Panel>
          </>
        )}
      </Await>
      {making && <NewDialog close={() => setMaking(false)} />}
      {host && <HostPolicyDialog host={host} close={() => setHost(undefined)} />}
    </div>
  );
}

function List({ items, open }: { items: Summary[]; open: (name: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const modeWord = useModeWord();
  const columns: Column<Summary>[] = [
    { id: 'name', header: t('policy.name'), width: 'minmax(120px, 1fr)', value: (row) => row.name, cell: (row) => <span className="strong">{row.name}</span> },
    { id: 'version', header: t('policy.version'), width: '90px', numeric: true, value: (row) => row.version, cell: (row) => format.number(row.version) },
    { id: 'mode', header: t('lockdown.mode'), width: '100px', value: (row) => row.mode, cell: (row) => modeWord(row.mode) },
    { id: 'hosts', header: t('nav.hosts'), width: '90px', numeric: true, value: (row) => row.hosts, cell: (row) => format.number(row.hosts) },
    { id: 'updated', header: t('column.updated'), width: '168px', value: (row) => row.updated, cell: (row) => <span className="time muted">{format.time(row.updated)}</span> },
    { id: 'by', header: t('column.by'), width: 'minmax(80px, 0.6fr)', cell: (row) => <Hostile text={row.by} limit={60} /> },
    { id: 'reason', header: t('respond.reason'), width: 'minmax(140px, 2fr)', cell: (row) => <Hostile text={row.reason} limit={200} /> },
  ];
  return <DataTable label={t('policy.list')} columns={columns} rows={items} rowKey={(row) => row.name} onOpen={(row) => open(row.name)} height={Math.min(items.length, 10) * 32 + 32} className="is-boxed" />;
}

function Hosts({ items, open }: { items: Host[]; open: (host: Host) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<Host>[] = [
    { id: 'host', header: t('column.host'), width: 'minmax(120px, 1fr)', value: (row) => row.host_name, cell: (row) => <Hostile text={row.host_name} limit={80} /> },
    { id: 'presence', header: t('column.presence'), width: '120px', cell: (row) => t(row.connected ? 'host.connected' : 'answers.offline') },
    { id: 'policy', header: t('policy.given'), width: 'minmax(140px, 1fr)', value: (row) => row.given?.policy ?? '', cell: (row) => (row.given ? t('policy.versionOf', { policy: row.given.policy, version: row.given.version }) : <span className="muted">{t('policy.own')}</span>) },
    { id: 'state', header: t('policy.state'), width: 'minmax(120px, 0.8fr)', cell: (row) => <GivenWord given={row.given} /> },
    { id: 'detail', header: t('column.detail'), width: 'minmax(140px, 2fr)', cell: (row) => <Hostile text={row.given?.detail} limit={200} /> },
    { id: 'at', header: t('column.time'), width: '168px', cell: (row) => <span className="time muted">{row.given ? format.time(row.given.at) : '—'}</span> },
  ];
  return <DataTable label={t('policy.byHost')} columns={columns} rows={items} rowKey={(row) => row.host_id} onOpen={open} height={Math.min(items.length, 12) * 32 + 32} className="is-boxed" />;
}
