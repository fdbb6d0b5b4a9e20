// Roll-back: of an incident, or of any process tree of which a host keeps what files held before; and what lies in quarantine.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { recovery } from '../../api/protection';
import { incident as incidentQuery, me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Answers } from '../../parts/Answers';
import { type Column, DataTable } from '../../parts/DataTable';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Await, Empty } from '../../parts/states';
import { QuarantineOf } from '../QuarantineOf';
import { RollbackDialog, type RollbackTarget } from './RollbackDialog';

const route = getRouteApi('/shell/recovery');

export function Recovery() {
  const { t } = useTranslation();
  const { incident } = route.useSearch();
  const [target, setTarget] = useState<RollbackTarget>();
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.recovery')}</h1>
        <span className="muted">{t('recovery.hint')}</span>
      </div>
      {incident && <OfIncident id={incident} begin={setTarget} />}
      <Kept begin={setTarget} incident={incident} />
      <QuarantineOf />
      {target && <RollbackDialog target={target} close={() => setTarget(undefined)} />}
    </div>
  );
}

function OfIncident({ id, begin }: { id: string; begin: (target: RollbackTarget) => void }) {
  const { t } = useTranslation();
  const said = useSaid();
  const viewer = useQuery(me).data?.role === 'viewer';
  const query = useQuery(incidentQuery(id));
  return (
    <Panel title={t('recovery.ofIncident', { id })}>
      <Await query={query}>
        {({ incident }) => (
          <div className="dialog">
            <p className="wrap">
              <Link to="/incidents/$id" params={{ id }}>
                <Hostile text={said(incident.title.text)} limit={300} />
              </Link>
            </p>
            <div className="chips">
              {incident.hosts.map((host) => (
                <Button key={host.id} variant="default" disabled={viewer} onClick={() => begin({ host: host.id, hostName: host.name, trees: [], incident: id })} data-testid="roll-back-incident">
                  {t('recovery.previewOn', { host: host.name })}
                </Button>
              ))}
            </div>
          </div>
        )}
      </Await>
    </Panel>
  );
}

type Tree = Schema['KeptTree'];

function Kept({ begin, incident }: { begin: (target: RollbackTarget) => void; incident: string | undefined }) {
  const { t } = useTranslation();
  const query = useQuery(recovery);
  return (
    <Panel
      title={t('recovery.kept')}
      tools={
        <Button variant="default" onClick={() => void query.refetch()} disabled={query.isFetching}>
          {t('action.again')}
        </Button>
      }
    >
      <Await query={query}>
        {(data) => {
          const items = incident ? data.items.filter((tree) => tree.incident_id === incident) : data.items;
          return (
            <div className="dialog">
              <Answers answers={data.hosts.map((host) => host.answer)} />
              {data.hosts.map((host) => host.store && <Store key={host.answer.host_id} name={host.answer.host_name} store={host.store} />)}
              {items.length === 0 ? <Empty text={t('recovery.none')} /> : <Trees items={items} begin={begin} />}
            </div>
          );
        }}
      </Await>
    </Panel>
  );
}

/** What a host could not keep, or had to let go, cannot be given back: said before anybody counts on it. */
function Store({ name, store }: { name: string; store: Schema['RecoveryStore'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const lost = (store.too_large ?? 0) + (store.full ?? 0) + (store.failed ?? 0) + (store.pushed_out ?? 0);
  if (lost === 0) return null;
  return (
    <p className="note is-warn wrap">
      <Hostile text={name} limit={80} /> · {t('recovery.notKept', { large: format.number(store.too_large ?? 0), full: format.number(store.full ?? 0), failed: format.number(store.failed ?? 0), pushed: format.number(store.pushed_out ?? 0) })}
    </p>
  );
}

function Trees({ items, begin }: { items: Tree[]; begin: (target: RollbackTarget) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const viewer = useQuery(me).data?.role === 'viewer';
  const columns: Column<Tree>[] = [
    { id: 'last', header: t('column.last'), width: '168px', value: (row) => row.last, cell: (row) => <span className="time muted">{format.time(row.last)}</span> },
    { id: 'host', header: t('column.host'), width: 'minmax(90px, 0.7fr)', value: (row) => row.host_name, cell: (row) => <Hostile text={row.host_name} limit={80} /> },
    { id: 'program', header: t('process.executable'), width: 'minmax(160px, 2fr)', value: (row) => row.executable, cell: (row) => <Hostile code text={row.executable} limit={200} /> },
    { id: 'kept', header: t('recovery.files'), width: '120px', numeric: true, value: (row) => row.kept, cell: (row) => format.number(row.kept) },
    { id: 'made', header: t('recovery.made'), width: '120px', numeric: true, value: (row) => row.made, cell: (row) => format.number(row.made) },
    { id: 'bytes', header: t('column.size'), width: '90px', numeric: true, value: (row) => row.bytes, cell: (row) => format.bytes(row.bytes) },
    {
      id: 'incident',
      header: t('column.incident'),
      width: 'minmax(90px, 0.6fr)',
      cell: (row) =>
        row.incident_id ? (
          <Link to="/incidents/$id" params={{ id: row.incident_id }}>
            {row.incident_id}
          </Link>
        ) : (
          <span className="absent">—</span>
        ),
    },
    {
      id: 'act',
      header: t('column.action'),
      width: '150px',
      cell: (row) => (
        <Button variant="default" disabled={viewer} onClick={() => begin({ host: row.host_id, hostName: row.host_name, trees: [row.tree], incident: row.incident_id ?? undefined })}>
          {t('recovery.preview')}
        </Button>
      ),
    },
  ];
  return <DataTable label={t('recovery.kept')} columns={columns} rows={items} rowKey={(row) => `${row.host_id} ${row.tree}`} height={Math.min(items.length, 10) * 32 + 32} className="is-boxed" />;
}
