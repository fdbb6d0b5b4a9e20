// What runs on the host, asked of it now, as the tree it is.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostProcess } from '../../api/client';
import { processes as processesQuery } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Answers } from '../../parts/Answers';
import { type Column, DataTable } from '../../parts/DataTable';
import { SearchField } from '../../parts/Filters';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Await, Empty } from '../../parts/states';
import { ProcessPanel } from './ProcessPanel';

interface Line {
  process: HostProcess;
  level: number;
}

/** Parents before children, by pid; a process whose parent is not in the list stands at the top. */
export function treeOf(processes: HostProcess[]): Line[] {
  const known = new Set(processes.map((process) => process.pid));
  const children = new Map<number, HostProcess[]>();
  for (const process of [...processes].sort((a, b) => a.pid - b.pid)) {
    const parent = known.has(process.parent_pid) && process.parent_pid !== process.pid ? process.parent_pid : -1;
    children.set(parent, [...(children.get(parent) ?? []), process]);
  }
  const out: Line[] = [];
  const seen = new Set<number>();
  const visit = (parent: number, level: number) => {
    for (const process of children.get(parent) ?? []) {
      if (seen.has(process.pid)) continue;
      seen.add(process.pid);
      out.push({ process, level });
      visit(process.pid, level + 1);
    }
  };
  visit(-1, 0);
  return out;
}

export function HostProcesses({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(processesQuery(id));
  const [text, setText] = useState<string>();
  const [chosen, setChosen] = useState<HostProcess>();
  const lines = useMemo(() => treeOf(query.data?.processes ?? []), [query.data]);
  const shown = useMemo(() => {
    const wanted = (text ?? '').toLowerCase();
    return wanted === '' ? lines : lines.filter(({ process }) => `${process.pid} ${process.name} ${process.command_line} ${process.user ?? ''}`.toLowerCase().includes(wanted)).map((line) => ({ ...line, level: 0 }));
  }, [lines, text]);
  const columns: Column<Line>[] = [
    {
      id: 'name',
      header: t('column.process'),
      width: 'minmax(200px, 1.3fr)',
      cell: ({ process, level }) => (
        <span style={{ paddingInlineStart: Math.min(level, 12) * 14 }}>
          <span className="strong">
            <Hostile text={process.name} limit={60} />
          </span>{' '}
          <span className="muted">{process.pid}</span>
          {process.fileless && <span className="chip is-warn">{t('chosen.fileless')}</span>}
        </span>
      ),
    },
    { id: 'user', header: t('column.user'), width: '100px', cell: ({ process }) => <Hostile text={process.user ?? process.user_id} limit={40} /> },
    { id: 'started', header: t('process.started'), width: '168px', cell: ({ process }) => <span className="time muted">{format.time(process.started)}</span> },
    { id: 'memory', header: t('host.memory'), width: '84px', numeric: true, cell: ({ process }) => (process.resident_bytes == null ? '—' : format.bytes(process.resident_bytes)) },
    { id: 'unit', header: t('process.unit'), width: 'minmax(90px, 0.7fr)', cell: ({ process }) => <Hostile text={process.container_image ?? process.unit} limit={80} /> },
    { id: 'package', header: t('process.package'), width: 'minmax(90px, 0.7fr)', cell: ({ process }) => <Hostile text={process.package} limit={80} /> },
    { id: 'command', header: t('column.commandLine'), width: 'minmax(260px, 3fr)', cell: ({ process }) => <Hostile code text={process.command_line || process.executable} limit={300} /> },
  ];
  return (
    <>
      <Panel
        title={t('host.processes')}
        flush
        tools={
          <Button variant="default" onClick={() => void query.refetch()} disabled={query.isFetching}>
            {t('action.again')}
          </Button>
        }
      >
        <Await query={query}>
          {(data) => (
            <>
              <div className="body filters">
                <SearchField label={t('filter.text')} value={text} change={setText} />
              </div>
              {data.answer.status !== 'answered' && (
                <div className="body">
                  <Answers answers={[data.answer]} />
                </div>
              )}
              {shown.length > 0 ? (
                <DataTable label={t('host.processes')} columns={columns} rows={shown} rowKey={({ process }) => String(process.pid)} onOpen={({ process }) => setChosen(process.pid === chosen?.pid ? undefined : process)} height={440} {...(chosen ? { selected: String(chosen.pid) } : {})} />
              ) : (
                data.answer.status === 'answered' && <Empty text={t('host.noProcess')} />
              )}
              <p className="foot-line">
                <span>{t('host.collected', { time: format.time(data.collected), shown: format.number(shown.length) })}</span>
                {data.truncated && <span className="chip is-warn">{t('host.truncated')}</span>}
              </p>
            </>
          )}
        </Await>
      </Panel>
      {chosen && <ProcessPanel host={id} process={chosen} close={() => setChosen(undefined)} />}
    </>
  );
}
