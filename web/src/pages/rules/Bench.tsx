// Where a rule is changed and tried: against events that are given, and against everything that is stored. Then it goes to the node,
// or is taken away as a file and put where the hosts read theirs.
import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Severity, severityOf } from '../../parts/Severity';
import { Empty, FailureNote, Loading } from '../../parts/states';
import { printable } from '../../text/printable';
import { save } from '../hunt/export';
import { asLine, eventsOf } from './events';
import { Rejected } from './Rejected';
import { SaveDialog } from './SaveDialog';

type Samples = Schema['RuleDetail']['fires'];

interface Props {
  /** None for a new rule. */
  detail?: Schema['RuleDetail'];
  name: string;
  /** As it is kept. */
  text: string;
  /** What to begin with instead: an earlier version. */
  start?: string | undefined;
  fires: Samples;
  silent: Samples;
}

export function Bench({ detail, name, text: begin, start, fires, silent }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(start ?? begin);
  const [saving, setSaving] = useState(false);
  const [events, setEvents] = useState(() => asText(fires, silent));
  const [hours, setHours] = useState(168);
  const viewer = useQuery(me).data?.role === 'viewer';
  const onNode = detail?.on_node ?? undefined;
  const read = eventsOf(events);
  const rules = [{ name, text }];
  const test = useMutation({ mutationFn: () => ask(api.POST('/api/v1/rules/test', { body: { rules, events: read.events ?? [] } })) });
  const backtest = useMutation({ mutationFn: () => ask(api.POST('/api/v1/rules/backtest', { body: { rules, hours } })) });
  return (
    <div className="columns is-wide">
      <Panel
        title={t('rule.text')}
        tools={
          <>
            {text !== begin && (
              <Button variant="default" onClick={() => setText(begin)}>
                {t('rule.undo')}
              </Button>
            )}
            <Button variant="filled" disabled={viewer || text.trim() === '' || (onNode?.rule != null && text === begin)} onClick={() => setSaving(true)} data-testid="save-rule">
              {t(onNode?.rule ? 'nodeRule.change' : 'nodeRule.put')}
            </Button>
            <Button variant="default" onClick={() => save(name.split('/').pop() ?? 'rule.yml', 'text/yaml', text)}>
              {t('rule.download')}
            </Button>
          </>
        }
      >
        <div className="dialog">
          <Textarea className="sql" aria-label={t('rule.text')} value={text} onChange={(event) => setText(event.currentTarget.value)} rows={24} spellCheck={false} autoCapitalize="off" data-testid="rule-text" />
          <p className="muted wrap">{t('rule.whereTo')}</p>
        </div>
        {saving && <SaveDialog summary={detail?.summary} onNode={onNode} file={name} text={text} close={() => setSaving(false)} />}
      </Panel>
      <div className="page">
        <Panel
          title={t('rule.test')}
          tools={
            <Button variant="filled" onClick={() => test.mutate()} disabled={test.isPending || read.fault !== undefined} data-testid="test-rule">
              {t('rule.runTest')}
            </Button>
          }
        >
          <div className="dialog">
            <Textarea className="sql" label={t('rule.sample')} description={t('rule.sampleHint')} value={events} onChange={(event) => setEvents(event.currentTarget.value)} rows={8} spellCheck={false} error={read.fault !== undefined && t('rule.noEvents', { line: read.fault })} data-testid="rule-events" />
            <div aria-live="polite" data-testid="test-result">
              {test.isPending ? <Loading /> : test.error ? <FailureNote error={test.error} /> : test.data ? <TestResult result={test.data} fires={fires.length} silent={silent.length} edited={events !== asText(fires, silent)} /> : <p className="muted">{t('rule.notTested')}</p>}
            </div>
          </div>
        </Panel>
        <Panel
          title={t('rule.backtest')}
          tools={
            <Button variant="filled" onClick={() => backtest.mutate()} disabled={backtest.isPending || viewer} data-testid="backtest">
              {t('rule.runBacktest')}
            </Button>
          }
        >
          <div className="dialog">
            <NativeSelect label={t('policy.over')} value={String(hours)} data={[24, 168, 720, 2160].map((one) => ({ value: String(one), label: t('policy.days', { count: one / 24 }) }))} onChange={(event) => setHours(Number(event.currentTarget.value))} />
            <div aria-live="polite" data-testid="backtest-result">
              {backtest.isPending ? <Loading /> : backtest.error ? <FailureNote error={backtest.error} /> : backtest.data ? <BacktestResult result={backtest.data} /> : <p className="muted">{t('rule.notBacktested')}</p>}
            </div>
          </div>
        </Panel>
      </div>
    </div>
  );
}

/** One event a line, those that must be found first. */
const asText = (fires: Samples, silent: Samples) => [...fires, ...silent].flatMap((sample) => sample.events.map(asLine)).join('\n');

function TestResult({ result, fires, silent, edited }: { result: Schema['RuleTestResult']; fires: number; silent: number; edited: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const hit = result.events.filter((event) => event.hits.length > 0).length;
  return (
    <div className="dialog">
      <Rejected rejected={result.rejected} />
      <p data-testid="test-sum" data-hits={hit}>
        {t('rule.tested', { hits: format.number(hit), events: format.number(result.events.length) })}
        {!edited && fires + silent > 0 && <> {t('rule.expected', { fires: format.number(fires), silent: format.number(silent) })}</>}
      </p>
      <ol className="samples">
        {result.events.map((event, index) => (
          <li key={index} className="wrap">
            {event.fault != null ? (
              <span className="chip is-warn">
                <Hostile text={event.fault} limit={300} />
              </span>
            ) : event.hits.length === 0 ? (
              <span className="muted">{t('rule.silent', { number: index + 1 })}</span>
            ) : (
              event.hits.map((one) => (
                <span key={one.rule_id}>
                  <Severity severity={severityOf(one.severity)} /> {t('rule.event', { number: index + 1 })} <Hostile text={one.detail} limit={400} />
                </span>
              ))
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function BacktestResult({ result }: { result: Schema['BacktestResult'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="dialog">
      <Rejected rejected={result.rejected} />
      {!result.complete && <p className="note is-warn">{t('rule.notComplete')}</p>}
      <p className="muted" data-testid="backtest-sum">
        {t('rule.held', { events: format.number(result.events), time: format.duration(result.elapsed_ms) })} · {t('hunt.coverage', { answered: format.number(result.coverage.answered), hosts: format.number(result.coverage.hosts) })}
        {result.coverage.offline.length > 0 && <> · {t('hunt.offline', { list: printable(format.list(result.coverage.offline)) })}</>}
      </p>
      {result.hits.length === 0 && result.usable > 0 && <Empty text={t('rule.noHits')} />}
      {result.hits.map((hit) => (
        <section key={hit.rule_id} className="card">
          <p>
            <Severity severity={severityOf(hit.severity)} /> <span className="strong">{t('rule.hits', { count: hit.count, formatted: format.number(hit.count) })}</span> · <span className="time">{format.time(hit.first)}</span> – <span className="time">{format.time(hit.last)}</span>
          </p>
          <p className="wrap">
            <Hostile text={format.list(hit.hosts.map((host) => `${host.host} ${format.number(host.count)}`))} limit={500} />
          </p>
          <ul className="samples">
            {hit.samples.map((sample, index) => (
              <li key={index} className="wrap">
                <span className="time muted">{format.time(sample.time)}</span> <Hostile text={sample.host} limit={60} /> · <Hostile text={sample.detail} limit={300} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
