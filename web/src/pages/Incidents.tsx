// Incidents, newest change first. The node filters and pages; the page holds only what was scrolled to.
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../api/client';
import { incidents } from '../api/queries';
import { useFormat } from '../i18n/format';
import { useSaid } from '../i18n/said';
import { type Column, DataTable } from '../parts/DataTable';
import { ChoiceSelect, HostSelect, SearchField, SeveritySelect } from '../parts/Filters';
import { Hostile } from '../parts/Hostile';
import { Severity, severityOf } from '../parts/Severity';
import { Await, Empty } from '../parts/states';
import { usePages } from '../parts/usePages';

const route = getRouteApi('/shell/incidents');
const everyStatus = 'open,investigating,resolved';

export function Incidents() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = { ...search, status: search.status ?? 'open,investigating' };
  const query = useInfiniteQuery(incidents(filter));
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const { rows, more } = usePages(query);
  const columns = useColumns();
  const statuses = [
    { value: 'open,investigating', label: t('filter.unresolved') },
    { value: 'open', label: t('status.open') },
    { value: 'investigating', label: t('status.investigating') },
    { value: 'resolved', label: t('status.resolved') },
    { value: everyStatus, label: t('filter.any') },
  ];
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.incidents')}</h1>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={search.text} change={(text) => set({ text })} />
        <ChoiceSelect label={t('column.status')} value={filter.status} choices={statuses} change={(status) => set({ status })} />
        <SeveritySelect value={search.severity} change={(severity) => set({ severity })} />
        <HostSelect value={search.host} change={(host) => set({ host })} />
      </div>
      <section className="panel" aria-label={t('nav.incidents')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>
          {(data) =>
            rows.length === 0 ? (
              <Empty text={t('incidents.none')} />
            ) : (
              <>
                <DataTable label={t('nav.incidents')} columns={columns} rows={rows} rowKey={(row) => row.id} onNearEnd={more} onOpen={(row) => void navigate({ to: '/incidents/$id', params: { id: row.id } })} />
                <p className="foot-line">{t('list.shown', { shown: format.number(rows.length), total: format.number(data.pages[0]?.total ?? rows.length) })}</p>
              </>
            )
          }
        </Await>
      </section>
    </div>
  );
}

function useColumns(): Column<IncidentSummary>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  return [
    { id: 'severity', header: t('column.severity'), width: '96px', cell: (row) => <Severity severity={severityOf(row.severity)} /> },
    { id: 'id', header: t('column.id'), width: '84px', cell: (row) => <span className="mono">{row.id}</span> },
    {
      id: 'title',
      header: t('column.incident'),
      width: 'minmax(220px, 3fr)',
      cell: (row) => (
        <span className="strong">
          <Hostile text={said(row.title)} limit={240} />
        </span>
      ),
    },
    { id: 'hosts', header: t('column.host'), width: 'minmax(90px, 1fr)', cell: (row) => <Hostile text={format.list(row.hosts.map((host) => host.name))} limit={120} /> },
    { id: 'user', header: t('column.user'), width: 'minmax(70px, 0.6fr)', cell: (row) => <Hostile text={row.user} limit={60} /> },
    { id: 'techniques', header: t('column.techniques'), width: 'minmax(120px, 1.2fr)', cell: (row) => <span className="mono">{row.techniques.join(' ')}</span> },
    { id: 'alerts', header: t('column.alerts'), width: '64px', numeric: true, cell: (row) => format.number(row.alert_count) },
    { id: 'stopped', header: t('column.stopped'), width: '72px', numeric: true, cell: (row) => format.number(row.stopped) },
    { id: 'status', header: t('column.status'), width: '104px', cell: (row) => t(`status.${row.status}`) },
    { id: 'updated', header: t('column.updated'), width: '168px', cell: (row) => <span className="time muted">{format.time(row.updated)}</span> },
  ];
}
