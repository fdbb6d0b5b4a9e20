// Every host: its tier, whether it is there, what it lost.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostSummary } from '../api/client';
import { hosts } from '../api/queries';
import { useFormat } from '../i18n/format';
import { type Column, DataTable } from '../parts/DataTable';
import { SearchField } from '../parts/Filters';
import { Hostile } from '../parts/Hostile';
import { Loss, Presence, Tier, useProtectionWords } from '../parts/hostWords';
import { Await, Empty } from '../parts/states';

export function Hosts() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(hosts);
  const go = useNavigate();
  const [text, setText] = useState<string>();
  const protections = useProtectionWords();
  const rows = useMemo(() => {
    const wanted = (text ?? '').toLowerCase();
    return (query.data?.items ?? []).filter((host) => `${host.name} ${host.os} ${host.kernel}`.toLowerCase().includes(wanted));
  }, [query.data, text]);
  const columns: Column<HostSummary>[] = [
    { id: 'name', header: t('column.host'), width: 'minmax(120px, 1.2fr)', value: (row) => row.name, cell: (row) => <span className="strong"><Hostile text={row.name} /></span> },
    { id: 'presence', header: t('column.presence'), width: 'minmax(110px, 1.2fr)', value: (row) => Number(row.connected), cell: (row) => <Presence host={row} /> },
    { id: 'tier', header: t('column.tier'), width: '104px', value: (row) => row.tier, cell: (row) => <Tier tier={row.tier} /> },
    {
      id: 'missing',
      header: t('column.missing'),
      width: 'minmax(160px, 2.2fr)',
      cell: (row) => <span className="muted">{row.missing_protections.length ? format.list(protections(row.missing_protections)) : t('host.nothing')}</span>,
    },
    { id: 'lost', header: t('column.lost'), width: '130px', value: (row) => row.lost_total, cell: (row) => <Loss host={row} /> },
    { id: 'rate', header: t('column.rate'), width: '84px', numeric: true, value: (row) => row.events_per_second, cell: (row) => format.rate(row.events_per_second) },
    { id: 'alerts', header: t('column.alerts24h'), width: '96px', numeric: true, value: (row) => row.alerts_24h, cell: (row) => format.number(row.alerts_24h) },
    { id: 'incidents', header: t('column.openIncidents'), width: '110px', numeric: true, value: (row) => row.open_incidents, cell: (row) => format.number(row.open_incidents) },
    { id: 'os', header: t('column.os'), width: 'minmax(110px, 1fr)', value: (row) => row.os, cell: (row) => <Hostile text={row.os} /> },
  ];
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.hosts')}</h1>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={text} change={setText} />
      </div>
      <section className="panel" aria-label={t('nav.hosts')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>
          {() =>
            rows.length === 0 ? (
              <Empty text={t('host.none')} />
            ) : (
              <DataTable label={t('nav.hosts')} columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => void go({ to: '/hosts/$id', params: { id: row.id } })} />
            )
          }
        </Await>
      </section>
    </div>
  );
}
