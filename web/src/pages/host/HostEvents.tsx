// What happened on the host, newest first, with every field of the chosen event.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EventRow } from '../../api/client';
import { hostEvents } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { type Column, DataTable } from '../../parts/DataTable';
import { ChoiceSelect, SearchField } from '../../parts/Filters';
import { Hostile } from '../../parts/Hostile';
import { known } from '../../parts/hostWords';
import { Panel } from '../../parts/Panel';
import { Await, Empty } from '../../parts/states';
import { usePages } from '../../parts/usePages';
import { EventFields } from '../incident/Evidence';

const categories = ['process', 'file', 'network', 'dns', 'iam', 'authentication', 'container', 'web', 'log', 'kernel', 'sensor'] as const;

const text = (row: EventRow, name: string) => {
  const value = (row as Record<string, unknown>)[name];
  return value === undefined || value === null ? undefined : String(value);
};

/** The one thing the event is about: a file, an address, a name, or the command itself. */
function object(row: EventRow): string | undefined {
  const address = text(row, 'destination_ip');
  return text(row, 'file_path') ?? text(row, 'dns_question_name') ?? (address ? `${address}:${text(row, 'destination_port') ?? ''}` : undefined) ?? text(row, 'process_command_line');
}

const keyOf = (row: EventRow) => `${text(row, 'timestamp')} ${text(row, 'event_sequence')} ${text(row, 'process_entity_id')}`;

export function HostEvents({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [filter, setFilter] = useState<{ category?: string; text?: string }>({});
  const [chosen, setChosen] = useState<EventRow>();
  const query = useInfiniteQuery(hostEvents(id, filter));
  const { rows, more } = usePages(query);
  const columns: Column<EventRow>[] = [
    { id: 'time', header: t('column.time'), width: '168px', cell: (row) => <span className="time muted">{format.time(text(row, 'timestamp'))}</span> },
    {
      id: 'category',
      header: t('column.category'),
      width: '84px',
      cell: (row) => {
        const word = known(categories, text(row, 'event_category') ?? '');
        return word ? t(`category.${word}`) : <Hostile text={text(row, 'event_category')} />;
      },
    },
    { id: 'action', header: t('column.event'), width: '130px', cell: (row) => <span className="mono">{text(row, 'event_action') ?? '—'}</span> },
    { id: 'process', header: t('column.process'), width: 'minmax(110px, 0.8fr)', cell: (row) => <span><Hostile text={text(row, 'process_name')} limit={60} /> <span className="muted">{text(row, 'process_pid')}</span></span> },
    { id: 'user', header: t('column.user'), width: '90px', cell: (row) => <Hostile text={text(row, 'user_name') ?? text(row, 'user_id')} limit={40} /> },
    { id: 'object', header: t('column.object'), width: 'minmax(260px, 3fr)', cell: (row) => <Hostile code text={object(row)} limit={300} /> },
  ];
  return (
    <Panel title={t('host.events')} flush>
      <div className="body filters">
        <SearchField label={t('filter.text')} value={filter.text} change={(text) => setFilter((old) => ({ ...old, text }))} />
        <ChoiceSelect
          label={t('column.category')}
          value={filter.category ?? ''}
          choices={[{ value: '', label: t('filter.any') }, ...categories.map((value) => ({ value, label: t(`category.${value}`) }))]}
          change={(category) => setFilter((old) => ({ ...old, category }))}
        />
      </div>
      <Await query={query}>
        {() =>
          rows.length === 0 ? (
            <Empty text={t('host.noEvents')} />
          ) : (
            <DataTable label={t('host.events')} columns={columns} rows={rows} rowKey={keyOf} onOpen={setChosen} selected={chosen && keyOf(chosen)} onNearEnd={more} height={400} />
          )
        }
      </Await>
      {chosen && (
        <section className="body" aria-label={t('evidence.event')} style={{ paddingTop: 10 }}>
          <EventFields event={chosen} />
        </section>
      )}
    </Panel>
  );
}
