// What is silenced, until when and why, and how often it was; and what closed cases propose.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { suppressions } from '../../api/protection';
import { hosts, me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { PlainTable } from '../../parts/PlainTable';
import { Await, Empty } from '../../parts/states';
import { printable } from '../../text/printable';
import { DecideDialog, type Decision } from './DecideDialog';
import { SilenceDialog } from './SilenceDialog';

type Suppression = Schema['Suppression'];

export function Silenced() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(suppressions);
  const viewer = useQuery(me).data?.role === 'viewer';
  const [adding, setAdding] = useState(false);
  const [decision, setDecision] = useState<Decision>();
  return (
    <Panel
      title={t('silence.tab')}
      tools={
        <Button variant="default" disabled={viewer} onClick={() => setAdding(true)} data-testid="new-silence">
          {t('silence.new')}
        </Button>
      }
    >
      <div className="dialog">
        <p className="muted">{t('silence.hint')}</p>
        <Await query={query}>{({ items, hosts_behind }) => (
            <>
              {hosts_behind.length > 0 && <p className="note is-warn wrap">{t('silence.behind', { list: printable(format.list(hosts_behind)) })}</p>}
              {items.length === 0 ? <Empty text={t('silence.none')} /> : <List items={items} decide={viewer ? undefined : setDecision} />}
            </>
          )}</Await>
      </div>
      {adding && <SilenceDialog rule="" close={() => setAdding(false)} />}
      {decision && <DecideDialog decision={decision} close={() => setDecision(undefined)} />}
    </Panel>
  );
}

function List({ items, decide }: { items: Suppression[]; decide: ((decision: Decision) => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const every = useQuery(hosts).data?.items ?? [];
  const over = (one: Suppression) => one.state === 'active' && Date.parse(one.expires) < Date.now();
  return (
    <PlainTable label={t('silence.tab')} heads={[t('column.status'), t('silence.rule'), t('column.host'), t('silence.fields'), t('silence.until'), [t('silence.hits')], t('silence.stops'), t('respond.reason'), t('column.action')]} testid="suppressions">
      {items.map((one) => (
        <tr key={one.id}>
          <td className="nowrap">
            <span className={one.state === 'active' && !over(one) ? 'chip is-good' : 'chip'}>{over(one) ? t('silence.over') : t(`silence.state.${one.state}`)}</span>
          </td>
          <td className="wrap">{one.rule ? <Hostile code text={one.rule} limit={120} /> : t('silence.everyRule')}</td>
          <td>{one.host_id ? <Hostile text={every.find((host) => host.id === one.host_id)?.name ?? one.host_id} limit={80} /> : t('silence.every')}</td>
          <td className="wrap">
            <Hostile code text={Object.entries(one.fields ?? {}).map(([name, value]) => `${name}=${value}`).join(' ')} limit={300} />
          </td>
          <td className="time">{format.time(one.expires)}</td>
          <td className="num">{format.number(one.hits ?? 0)}</td>
            <td>{t(one.stops ? 'silence.stopsOf.held' : 'silence.stopsOf.happen')}</td>
          <td className="wrap">
            <Hostile text={one.created_by} limit={60} />: <Hostile text={one.reason} limit={300} />
          </td>
          <td>
            <div className="chips">
              {one.state === 'proposed' && (
                <Button variant="default" disabled={!decide} onClick={() => decide?.({ kind: 'accept', one })}>
                  {t('silence.accept')}
                </Button>
              )}
              {one.state !== 'removed' && (
                <Button variant="default" disabled={!decide} onClick={() => decide?.({ kind: 'remove', one })}>
                  {t(one.state === 'proposed' ? 'proposals.remove' : 'silence.end')}
                </Button>
              )}
            </div>
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
