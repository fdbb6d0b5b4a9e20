// Who did what, newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../api/client';
import { audit } from '../api/queries';
import { useFormat } from '../i18n/format';
import { type Column, DataTable } from '../parts/DataTable';
import { Hostile } from '../parts/Hostile';
import { Await, Empty } from '../parts/states';
import { usePages } from '../parts/usePages';

export function Audit() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(audit);
  const { rows, more } = usePages(query);
  const columns: Column<Schema['AuditEntry']>[] = [
    { id: 'time', header: t('column.time'), width: '168px', cell: (row) => <span className="time muted">{format.time(row.time)}</span> },
    { id: 'actor', header: t('column.by'), width: '120px', cell: (row) => <Hostile text={row.actor} limit={60} /> },
    { id: 'action', header: t('column.action'), width: '190px', cell: (row) => <span className="mono">{row.action}</span> },
    { id: 'ok', header: t('column.result'), width: '90px', cell: (row) => (row.ok ? t('audit.ok') : <span className="chip is-warn">{t('audit.failed')}</span>) },
    { id: 'target', header: t('respond.target'), width: 'minmax(140px, 1.2fr)', cell: (row) => <Hostile code text={row.target} limit={200} /> },
    { id: 'detail', header: t('column.detail'), width: 'minmax(200px, 2fr)', cell: (row) => <Hostile text={row.detail} limit={300} /> },
    { id: 'source', header: t('column.source'), width: '140px', cell: (row) => <Hostile code text={row.source} limit={60} /> },
  ];
  return (
    <div className="page fills" style={{ gridTemplateRows: 'auto 1fr' }}>
      <div className="head">
        <h1>{t('nav.audit')}</h1>
      </div>
      <section className="panel" aria-label={t('nav.audit')} style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}>
        <Await query={query}>{() => (rows.length === 0 ? <Empty text={t('audit.none')} /> : <DataTable label={t('nav.audit')} columns={columns} rows={rows} rowKey={(row) => String(row.id)} onNearEnd={more} />)}</Await>
      </section>
    </div>
  );
}
