// Every alert, newest first, filtered and paged by the node.
import { TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AlertSummary } from '../api/client';
import { alerts } from '../api/queries';
import { useFormat } from '../i18n/format';
import { ActionWord } from '../parts/ActionWord';
import { type Column, DataTable } from '../parts/DataTable';
import { HostSelect, SearchField, SeveritySelect } from '../parts/Filters';
import { Hostile } from '../parts/Hostile';
import { Severity, severityOf } from '../parts/Severity';
import { Await, Empty } from '../parts/states';
import { usePages } from '../parts/usePages';
import { useModelWords } from './malware/useModelWords';
import { useFilterText } from '../parts/useFilterText';

const route = getRouteApi('/shell/alerts');

export function Alerts() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const query = useInfiniteQuery(alerts(search));
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const { rows, more } = usePages(query);
  const [technique, setTechnique] = useFilterText(search.technique, (technique) => set({ technique }));
  const open = (row: AlertSummary) => {
    if (row.incident_id) void go({ to: '/incidents/$id', params: { id: row.incident_id }, hash: `alert-${row.id}` });
  };
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.alerts')}</h1>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={search.text} change={(text) => set({ text })} />
        <SeveritySelect value={search.severity} change={(severity) => set({ severity })} />
        <HostSelect value={search.host} change={(host) => set({ host })} />
        <TextInput label={t('filter.technique')} value={technique} onChange={(event) => setTechnique(event.currentTarget.value)} placeholder="T1059" style={{ width: 110 }} />
      </div>
      <section className="panel" aria-label={t('nav.alerts')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>
          {() => (rows.length === 0 ? <Empty text={t('alerts.none')} /> : <AlertTable rows={rows} more={more} open={open} />)}
        </Await>
      </section>
    </div>
  );
}

function AlertTable({ rows, more, open }: { rows: AlertSummary[]; more: () => void; open: (row: AlertSummary) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useModelWords();
  const columns: Column<AlertSummary>[] = [
    { id: 'severity', header: t('column.severity'), width: '96px', cell: (row) => <Severity severity={severityOf(row.severity)} /> },
    { id: 'time', header: t('column.time'), width: '168px', cell: (row) => <span className="time muted">{format.time(row.time)}</span> },
    { id: 'title', header: t('column.alert'), width: 'minmax(200px, 2fr)', cell: (row) => <Hostile text={words.name(row.title)} limit={200} /> },
    { id: 'host', header: t('column.host'), width: 'minmax(90px, 0.8fr)', cell: (row) => <Hostile text={row.host_name} limit={80} /> },
    { id: 'process', header: t('column.process'), width: 'minmax(160px, 2fr)', cell: (row) => <Hostile code text={row.process_command_line ?? row.process_name} limit={200} /> },
    { id: 'user', header: t('column.user'), width: 'minmax(70px, 0.6fr)', cell: (row) => <Hostile text={row.user} limit={60} /> },
    { id: 'techniques', header: t('column.techniques'), width: 'minmax(90px, 0.8fr)', cell: (row) => <span className="mono">{row.techniques.join(' ')}</span> },
    { id: 'action', header: t('column.action'), width: 'minmax(110px, 0.8fr)', cell: (row) => <ActionWord action={row.action} outcome={row.outcome} /> },
    { id: 'incident', header: t('column.incident'), width: '84px', cell: (row) => <span className="mono">{row.incident_id ?? '—'}</span> },
  ];
  return (
    <>
      <DataTable label={t('nav.alerts')} columns={columns} rows={rows} rowKey={(row) => row.id} onNearEnd={more} onOpen={open} />
      <p className="foot-line">{t('list.loaded', { shown: format.number(rows.length) })}</p>
    </>
  );
}
