// Threat intelligence: what is known to be bad, watched for in all that arrives and searched for once in all that is stored.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { nodeRules } from '../../api/protection';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { type Column, DataTable } from '../../parts/DataTable';
import { SearchField } from '../../parts/Filters';
import { Hostile } from '../../parts/Hostile';
import { ReasonDialog } from '../../parts/ReasonDialog';
import { Await, Empty } from '../../parts/states';
import { printable } from '../../text/printable';
import { AddDialog } from './AddDialog';
import { type Known, knownOf } from './known';

export function Intelligence() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(nodeRules);
  const viewer = useQuery(me).data?.role === 'viewer';
  const [text, setText] = useState<string>();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const all = useMemo(() => (query.data ? knownOf(query.data) : []), [query.data]);
  const word = text?.trim().toLowerCase() ?? '';
  const rows = word === '' ? all : all.filter((one) => `${one.value} ${one.note} ${one.by}`.toLowerCase().includes(word));
  return (
    <div className="page fills">
      <div className="head">
        <h1>{t('nav.intelligence')}</h1>
        <span className="muted">{t('intelligence.hint')}</span>
        <div className="actions">
          <Button variant="filled" disabled={viewer} onClick={() => setAdding(true)} data-testid="add-indicators">
            {t('intelligence.add')}
          </Button>
        </div>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('filter.text')} value={text} change={setText} />
      </div>
      <section className="panel" aria-label={t('nav.intelligence')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>{() => (rows.length === 0 ? <Empty text={t('intelligence.none')} /> : <Table rows={rows} remove={viewer ? undefined : setRemoving} />)}</Await>
        <div className="foot-line">{t('list.shown', { shown: format.number(rows.length), total: format.number(all.length) })}</div>
      </section>
      {adding && <AddDialog close={() => setAdding(false)} />}
      {removing !== undefined && <Remove name={removing} close={() => setRemoving(undefined)} />}
    </div>
  );
}

function Table({ rows, remove }: { rows: Known[]; remove: ((name: string) => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<Known>[] = [
    { id: 'kind', header: t('intelligence.kind'), width: '130px', value: (row) => row.kind ?? '', cell: (row) => (row.kind ? t(`intelligence.kindOf.${row.kind}`) : '—') },
    { id: 'value', header: t('intelligence.value'), width: 'minmax(220px, 2fr)', value: (row) => row.value, cell: (row) => <Hostile code text={row.value} limit={200} /> },
    { id: 'note', header: t('intelligence.note'), width: 'minmax(140px, 1.4fr)', value: (row) => row.note, cell: (row) => <Hostile text={row.note} limit={200} /> },
    { id: 'history', header: t('history.title'), width: 'minmax(170px, 1.2fr)', cell: (row) => <History history={row.history} /> },
    { id: 'told', header: t('intelligence.told'), width: '130px', numeric: true, value: (row) => row.told, cell: (row) => <span title={row.shed > 0 ? t('intelligence.shed', { count: row.shed }) : undefined}>{format.number(row.told)}{row.shed > 0 && '+'}</span> },
    { id: 'added', header: t('intelligence.added'), width: '168px', value: (row) => row.added, cell: (row) => <span className="time muted">{format.time(row.added)}</span> },
    { id: 'by', header: t('column.by'), width: '110px', value: (row) => row.by, cell: (row) => <Hostile text={row.by} limit={60} /> },
    {
      id: 'remove',
      header: t('column.action'),
      width: '90px',
      cell: (row) => (
        <Button variant="default" disabled={!remove} onClick={() => remove?.(row.name)} aria-label={t('intelligence.remove', { name: printable(row.value) })}>
          {t('intelligence.take')}
        </Button>
      ),
    },
  ];
  return <DataTable label={t('nav.intelligence')} columns={columns} rows={rows} rowKey={(row) => row.name} />;
}

function History({ history }: { history: Schema['HistorySearch'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bad = history.state === 'failed' || history.state === 'cut';
  return (
    <span className={bad ? 'chip is-warn' : 'muted'}>
      {t(`history.state.${history.state}`)}
      {history.hits > 0 && ` · ${format.number(history.hits)}`}
    </span>
  );
}

function Remove({ name, close }: { name: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const act = async (reason: string) => {
    await ask(api.DELETE('/api/v1/rules/node/{name}', { params: { path: { name }, query: { reason } } }));
    await client.invalidateQueries({ queryKey: nodeRules.queryKey });
  };
  return (
    <ReasonDialog title={t('intelligence.removeTitle')} destroys act={act} close={close}>
      <p>{t('intelligence.removeText')}</p>
      <div className="pre">
        <Hostile text={name} limit={300} />
      </div>
    </ReasonDialog>
  );
}
