// One rule: what it is for, its text, the events it was made with, what it found; and a bench to change it, hold it against events
// that are given, and against what is stored.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { rule as ruleQuery } from '../../api/protection';
import { useFormat } from '../../i18n/format';
import { Chart } from '../../parts/Chart';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Severity, severityOf } from '../../parts/Severity';
import { Await } from '../../parts/states';
import { Bench } from './Bench';
import { Made } from './Made';
import { OnNode } from './OnNode';
import { template } from './template';
import { KindWord, RuleState } from './words';

const route = getRouteApi('/shell/rules/$id');

export function Rule() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery({ ...ruleQuery(id), enabled: id !== 'new' });
  if (id === 'new')
    return (
      <div className="page">
        <div className="head">
          <h1>{t('rule.new')}</h1>
        </div>
        <Bench name="new.yml" text={template()} fires={[]} silent={[]} />
      </div>
    );
  return <Await query={query}>{(detail) => <Page key={`${id} ${detail.on_node?.rule?.version ?? 0}`} detail={detail} />}</Await>;
}

function Page({ detail }: { detail: Schema['RuleDetail'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { summary } = detail;
  // An earlier version that somebody wants to go on with; counted, so that the same one can be taken twice.
  const [begun, setBegun] = useState<{ text: string; turn: number }>();
  const testable = summary.kind === 'sigma' && detail.text != null;
  return (
    <div className="page">
      <div className="head">
        <h1 className="wrap">
          <Hostile text={summary.title} limit={300} />
        </h1>
        {summary.severity && <Severity severity={severityOf(summary.severity)} />}
        <span className="chip">
          <KindWord kind={summary.kind} />
        </span>
        <RuleState rule={summary} />
      </div>
      {summary.rejected != null && (
        <p className="note is-warn wrap">
          <Hostile text={summary.rejected} limit={600} />
        </p>
      )}
      <div className="columns">
        <Panel title={t('rule.about')}>
          <div className="dialog">
            {detail.description && (
              <p className="wrap">
                <Hostile text={detail.description} limit={2000} />
              </p>
            )}
            <Facts
              items={[
                [t('column.id'), <Hostile key="id" code text={summary.id} />],
                [t('rule.file'), summary.file && <Hostile code text={summary.file} />],
                [t('column.techniques'), summary.techniques.length > 0 ? <Techniques ids={summary.techniques} /> : undefined],
                [
                  t('rule.alerts30'),
                  <span key="alerts">
                    {format.number(summary.alerts)}{' '}
                    <Link to="/alerts" search={{ text: summary.title }}>
                      {t('overview.allAlerts')}
                    </Link>
                  </span>,
                ],
                [t('rule.last'), summary.last && format.time(summary.last)],
              ]}
            />
          </div>
        </Panel>
        <History detail={detail} />
        <Made id={summary.id} />
      </div>
      {detail.on_node && <OnNode detail={detail.on_node} edit={(text) => setBegun((old) => ({ text, turn: (old?.turn ?? 0) + 1 }))} />}
      {testable ? (
        <Bench key={begun?.turn ?? 0} detail={detail} name={summary.file ?? 'rule.yml'} text={detail.text ?? ''} start={begun?.text} fires={detail.fires} silent={detail.silent} />
      ) : (
        detail.text != null && (
          <Panel title={t('rule.text')}>
            <pre className="pre is-tall" tabIndex={0} aria-label={t('rule.text')}>
              <Hostile text={detail.text} limit={200_000} />
            </pre>
          </Panel>
        )
      )}
      {summary.kind === 'detector' && <p className="note">{t('rule.detector')}</p>}
    </div>
  );
}

function Techniques({ ids }: { ids: string[] }) {
  return (
    <span className="chips">
      {ids.map((id) => (
        <Link key={id} className="mono" to="/attack" search={{ technique: id }}>
          {id}
        </Link>
      ))}
    </span>
  );
}

function History({ detail }: { detail: Schema['RuleDetail'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const times = useMemo(() => detail.history.map((day) => Date.parse(day.day)), [detail]);
  const series = useMemo(() => [{ name: t('column.alerts'), color: '--sev-high', values: detail.history.map((day) => day.alerts) }], [detail, t]);
  const events = detail.history.reduce((sum, day) => sum + day.events, 0);
  return (
    <Panel title={t('rule.history')} flush>
      <Chart label={t('rule.history')} times={times} series={series} stacked height={150} ticks="day" />
      <p className="foot-line">{detail.events_known ? t('rule.events30', { count: events, formatted: format.number(events) }) : t('rule.eventsUnknown')}</p>
    </Panel>
  );
}
