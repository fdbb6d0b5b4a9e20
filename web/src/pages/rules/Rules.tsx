// Every rule: our pack, what was put on the node and what operators put on their hosts; whether and where it runs, and how often it
// told in thirty days. Beside it, what is silenced.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { rules } from '../../api/protection';
import { useFormat } from '../../i18n/format';
import { Answers } from '../../parts/Answers';
import { type Column, DataTable } from '../../parts/DataTable';
import { ChoiceSelect, SearchField, SeveritySelect } from '../../parts/Filters';
import { Hostile } from '../../parts/Hostile';
import { Severity, severityOf } from '../../parts/Severity';
import { Await, Empty } from '../../parts/states';
import { kinds, type RuleFilter, states, visible } from './filter';
import { Silenced } from './Silenced';
import { KindWord, RuleState } from './words';

type Row = Schema['RuleSummary'];
const route = getRouteApi('/shell/rules');

export function Rules() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(rules);
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const rows = useMemo(() => visible(query.data?.items ?? [], search as RuleFilter), [query.data, search]);
  const tabs = (
    <div className="switch" role="group" aria-label={t('nav.rules')}>
      <button type="button" aria-pressed={search.tab !== 'silenced'} onClick={() => set({ tab: undefined })}>
        {t('silence.rules')}
      </button>
      <button type="button" aria-pressed={search.tab === 'silenced'} onClick={() => set({ tab: 'silenced' })} data-testid="silenced-tab">
        {t('silence.tab')}
      </button>
    </div>
  );
  if (search.tab === 'silenced')
    return (
      <div className="page">
        <div className="head">
          <h1>{t('nav.rules')}</h1>
          {tabs}
        </div>
        <Silenced />
      </div>
    );
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.rules')}</h1>
        {tabs}
        <div className="actions">
          <Button variant="default" onClick={() => void navigate({ to: '/rules/$id', params: { id: 'new' } })} data-testid="new-rule">
            {t('rule.new')}
          </Button>
        </div>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={search.text} change={(text) => set({ text })} />
        <ChoiceSelect label={t('rule.kind')} value={search.kind ?? ''} choices={[{ value: '', label: t('filter.any') }, ...kinds.map((kind) => ({ value: kind, label: t(`rule.kindOf.${kind}`) }))]} change={(kind) => set({ kind })} />
        <SeveritySelect value={search.severity} change={(severity) => set({ severity })} />
        <ChoiceSelect label={t('column.status')} value={search.state ?? ''} choices={[{ value: '', label: t('filter.any') }, ...states.map((state) => ({ value: state, label: t(`rule.stateOf.${state}`) }))]} change={(state) => set({ state })} />
      </div>
      <section className="panel" aria-label={t('nav.rules')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>{() => (rows.length === 0 ? <Empty text={t('rule.none')} /> : <Table rows={rows} open={(id) => void navigate({ to: '/rules/$id', params: { id } })} />)}</Await>
        <div className="foot-line">
          {t('list.shown', { shown: format.number(rows.length), total: format.number(query.data?.items.length ?? 0) })}
          {query.data && <Unusable hosts={query.data.hosts} />}
        </div>
      </section>
      {query.data && (
        <details>
          <summary>{t('rule.hosts')}</summary>
          <Answers answers={query.data.hosts.map((host) => host.answer)} />
        </details>
      )}
    </div>
  );
}

function Unusable({ hosts }: { hosts: Schema['RuleHost'][] }) {
  const { t } = useTranslation();
  const count = hosts.reduce((sum, host) => sum + host.rejected.length, 0);
  return count === 0 ? null : <span className="chip is-warn">{t('rule.unusable', { count })}</span>;
}

function Table({ rows, open }: { rows: Row[]; open: (id: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<Row>[] = [
    { id: 'severity', header: t('column.severity'), width: '100px', value: (row) => severityRank(row.severity), cell: (row) => (row.severity ? <Severity severity={severityOf(row.severity)} /> : <span className="absent">—</span>) },
    { id: 'title', header: t('rule.title'), width: 'minmax(220px, 3fr)', value: (row) => row.title, cell: (row) => <Hostile text={row.title} limit={200} /> },
    { id: 'kind', header: t('rule.kind'), width: '110px', value: (row) => row.kind, cell: (row) => <KindWord kind={row.kind} /> },
    { id: 'techniques', header: t('column.techniques'), width: 'minmax(120px, 1fr)', cell: (row) => <span className="mono">{row.techniques.join(' ')}</span> },
    { id: 'state', header: t('column.status'), width: 'minmax(130px, 1fr)', cell: (row) => <RuleState rule={row} /> },
    { id: 'alerts', header: t('rule.alerts30'), width: '120px', numeric: true, value: (row) => row.alerts, cell: (row) => format.number(row.alerts) },
    { id: 'last', header: t('rule.last'), width: '168px', value: (row) => row.last ?? '', cell: (row) => <span className="time muted">{row.last ? format.time(row.last) : '—'}</span> },
  ];
  return <DataTable label={t('nav.rules')} columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => open(row.id)} />;
}

const severityRank = (severity: string | null | undefined) => ['info', 'low', 'medium', 'high', 'critical'].indexOf(severity ?? '');
