// Changes of watched files, newest first: what packages made is folded and hidden until asked for; a row opens what was before,
// what is now, and who did it. A view arranges the week by requirements of PCI DSS or subjects of CIS, and one of those
// narrows the list.
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IntegrityChange } from '../api/client';
import { integrity, integritySummary } from '../api/queries';
import { useFormat } from '../i18n/format';
import { type Column, DataTable } from '../parts/DataTable';
import { ChoiceSelect, HostSelect, SearchField, SeveritySelect } from '../parts/Filters';
import { Hostile } from '../parts/Hostile';
import { Severity, severityOf } from '../parts/Severity';
import { Await, Empty } from '../parts/states';
import { IntegrityDetail } from './IntegrityDetail';
import { foldRuns, isExpected } from './integrityFold';

const route = getRouteApi('/shell/integrity');
const views = ['pci', 'cis'] as const;
type View = (typeof views)[number];

export function Integrity() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { expected, view, requirement, ...filter } = search;
  const query = useInfiniteQuery(integrity({ ...filter, ...(requirement && view === 'pci' ? { pci: requirement } : {}), ...(requirement && view === 'cis' ? { cis: requirement } : {}) }));
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const all = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const rows = useMemo(() => (expected ? foldRuns(all) : all.filter((row) => !isExpected(row))), [all, expected]);
  const folded = all.filter((row) => row.what === 'expected').reduce((sum, row) => sum + row.files, 0);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [open, setOpen] = useState<string>();
  const opened = rows.find((row) => row.id === open);
  const report = (view: View, form: 'pdf' | 'csv') =>
    `/api/v1/integrity/report?${new URLSearchParams({ view, format: form, ...(search.host ? { host: search.host } : {}) }).toString()}`;
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.integrity')}</h1>
        <span className="fill" />
        {(view ? [view] : views).map((view) =>
          (['pdf', 'csv'] as const).map((form) => (
            <Button key={view + form} component="a" href={report(view, form)} download variant="default">
              {t('integrity.report', { view: view.toUpperCase(), form: form.toUpperCase() })}
            </Button>
          )),
        )}
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={search.text} change={(text) => set({ text })} />
        <SeveritySelect value={search.severity} change={(severity) => set({ severity })} />
        <HostSelect value={search.host} change={(host) => set({ host })} />
        <ChoiceSelect
          label={t('integrity.view')}
          value={view ?? ''}
          choices={[{ value: '', label: t('integrity.views.all') }, ...views.map((name) => ({ value: name, label: t(`integrity.views.${name}`) }))]}
          change={(name) => set({ view: views.find((known) => known === name), requirement: undefined })}
        />
        <label className="check">
          <input type="checkbox" checked={expected === 'yes'} onChange={(event) => set({ expected: event.currentTarget.checked ? 'yes' : undefined })} />
          {t('integrity.showExpected')}
        </label>
      </div>
      {view && !opened && <Sections view={view} host={search.host} chosen={requirement} choose={(id) => set({ requirement: id === requirement ? undefined : id })} />}
      <section className="panel" aria-label={t('nav.integrity')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>
          {() => (rows.length === 0 ? <Empty text={t('integrity.none')} /> : <ChangeTable rows={rows} more={more} selected={open} open={(row) => setOpen(row.id === open ? undefined : row.id)} />)}
        </Await>
        <p className="foot-line">
          {t('list.loaded', { shown: format.number(rows.length) })} · {t('integrity.folded', { files: format.number(folded) })}
        </p>
      </section>
      {opened && <IntegrityDetail change={opened} close={() => setOpen(undefined)} />}
    </div>
  );
}

/** The week by requirement: what changed there, how grave, and which rules answer it. */
function Sections({ view, host, chosen, choose }: { view: View; host: string | undefined; chosen: string | undefined; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(integritySummary({ view, ...(host ? { host } : {}) }));
  return (
    <section className="panel integrity-sections" aria-label={t(`integrity.views.${view}`)}>
      <Await query={query}>
        {(summary) => (
          <>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t(`integrity.id.${view}`)}</th>
                  <th scope="col">{t('integrity.changes')}</th>
                  <th scope="col">{t('integrity.highest')}</th>
                  <th scope="col">{t('integrity.answeredBy')}</th>
                </tr>
              </thead>
              <tbody>
                {summary.sections.map((one) => (
                  <tr key={one.id} className={one.id === chosen ? 'chosen' : undefined}>
                    <th scope="row">
                      <button type="button" className="link mono" aria-pressed={one.id === chosen} onClick={() => choose(one.id)}>
                        {one.id}
                      </button>
                    </th>
                    <td className="number">{format.number(one.changes)}</td>
                    <td>{one.highest ? <Severity severity={severityOf(one.highest)} /> : <span className="muted">—</span>}</td>
                    <td className="muted" lang="en">{one.rules.join('; ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p className="foot-line">
              {t('integrity.week', { changes: format.number(summary.changes), files: format.number(summary.expected) })}
              {summary.left_out > 0 && ` · ${t('integrity.newestOnly', { changes: format.number(summary.left_out) })}`}
            </p>
          </>
        )}
      </Await>
    </section>
  );
}

function ChangeTable({ rows, more, open, selected }: { rows: IntegrityChange[]; more: () => void; open: (row: IntegrityChange) => void; selected: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<IntegrityChange>[] = [
    { id: 'severity', header: t('column.severity'), width: '96px', cell: (row) => <Severity severity={severityOf(row.severity)} /> },
    { id: 'time', header: t('column.time'), width: '168px', cell: (row) => <span className="time muted">{format.time(row.time)}</span> },
    { id: 'what', header: t('integrity.change'), width: 'minmax(100px, 0.7fr)', cell: (row) => t(`integrity.what.${row.what}`) },
    { id: 'file', header: t('integrity.file'), width: 'minmax(200px, 2.2fr)', cell: (row) => <FileCell row={row} /> },
    { id: 'who', header: t('column.process'), width: 'minmax(140px, 1.6fr)', cell: (row) => <WhoCell row={row} /> },
    { id: 'user', header: t('column.user'), width: 'minmax(70px, 0.6fr)', cell: (row) => <Hostile text={row.who?.login ?? row.who?.user} limit={60} /> },
    { id: 'host', header: t('column.host'), width: 'minmax(90px, 0.8fr)', cell: (row) => <Hostile text={row.host_name} limit={80} /> },
  ];
  return <DataTable label={t('nav.integrity')} columns={columns} rows={rows} rowKey={(row) => row.id} onNearEnd={more} onOpen={open} {...(selected ? { selected } : {})} />;
}

function FileCell({ row }: { row: IntegrityChange }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (row.what !== 'expected' && row.what !== 'unverified') return <Hostile code text={row.path} limit={300} />;
  return (
    <span>
      {t('integrity.files', { count: row.files, files: format.number(row.files) })} <Hostile text={row.package ?? t('integrity.packages')} limit={120} />
    </span>
  );
}

function WhoCell({ row }: { row: IntegrityChange }) {
  const { t } = useTranslation();
  if (row.who) return <Hostile code text={row.transaction ?? row.who.command_line} limit={200} />;
  return <span className="muted">{row.what === 'baseline' ? '—' : t(`integrity.unseen.${row.found}`)}</span>;
}
