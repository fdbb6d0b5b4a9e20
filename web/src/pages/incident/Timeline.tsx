// What happened, moment by moment, oldest first. Choosing a line chooses its process in the graph.
import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Graph, Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { PlainTable } from '../../parts/PlainTable';
import { Severity, severityOf } from '../../parts/Severity';
import { Said } from './Said';

interface Props {
  entries: Schema['TimelineEntry'][];
  graph: Graph;
  choose: (id: string) => void;
  show: (ids: readonly string[]) => void;
}
const step = 40;

export function Timeline({ entries, graph, choose, show }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [most, setMost] = useState(step);
  const labels = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node.label])), [graph.nodes]);
  return (
    <Panel title={t('timeline.title')}>
      <PlainTable label={t('timeline.title')} heads={[t('column.time'), t('column.severity'), t('column.process'), t('column.happened'), t('column.techniques')]} testid="timeline">
        {entries.slice(0, most).map((entry, index) => (
          <tr key={index}>
            <td className="time">{format.time(entry.time)}</td>
            <td>
              <Severity severity={severityOf(entry.severity)} />
            </td>
            <td className="nowrap">
              {entry.node && labels.has(entry.node) ? (
                <a href="#main" className="strong" onClick={(event) => (event.preventDefault(), choose(entry.node ?? ''))}>
                  <Hostile text={labels.get(entry.node)} limit={40} />
                </a>
              ) : (
                '—'
              )}
            </td>
            <td className="wrap" style={{ minWidth: 260 }}>
              <Said sentence={entry.alert ? { ...entry.sentence, evidence: [entry.alert] } : entry.sentence} show={show} />
            </td>
            <td className="mono">{entry.techniques.join(' ')}</td>
          </tr>
        ))}
      </PlainTable>
      {entries.length > most && (
        <Button variant="default" onClick={() => setMost(most + 200)} style={{ marginTop: 8 }}>
          {t('list.more', { count: entries.length - most, formatted: format.number(entries.length - most) })}
        </Button>
      )}
    </Panel>
  );
}
