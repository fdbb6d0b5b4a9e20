// Who, what, when, where, how: one sentence each, with the facts it rests on below. Under them what it came to, and what to do first.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, ResponseAction, Sentence } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Empty } from '../../parts/states';
import { NextSteps } from './NextSteps';
import { Said } from './Said';

type Show = (ids: readonly string[]) => void;

export function Strip({ incident, show, act }: { incident: Incident; show: Show; act: (action: ResponseAction) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { who, what, when, where, how } = incident;
  const stopped = Object.values(what.stopped).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <div className="five">
        <Answer title={t('five.who')} sentence={who.sentence} show={show} more={who.source ? <Hostile text={who.source} limit={80} /> : null} />
        <Answer title={t('five.what')} sentence={what.sentence} show={show} more={<><span className="mono">{incident.techniques.slice(0, 6).join(' → ')}</span>{incident.techniques.length > 6 ? '…' : ''}{stopped > 0 ? <> · {t('five.stopped', { count: stopped })}</> : null}</>} />
        <Answer title={t('five.when')} sentence={when.sentence} show={show} more={`${format.time(when.first)} · ${format.duration(when.duration_ms)}`} />
        <Answer title={t('five.where')} sentence={where.sentence} show={show} more={<Hostile text={format.list([...where.hosts.map((host) => host.name), ...where.units.slice(0, 2), ...where.containers.slice(0, 1).map((id) => id.slice(0, 12))])} limit={160} />} />
        <Answer title={t('five.how')} sentence={how.sentence} show={show} more={incident.root_cause.length > 1 ? <Hostile text={shortened(incident.root_cause.map((step) => step.name)).join(' → ')} limit={160} /> : null} />
      </div>
      <div className="columns">
        <Impact sentences={incident.impact ?? []} show={show} />
        <NextSteps steps={incident.next_steps} act={act} show={show} />
      </div>
    </>
  );
}

/** The same name in a row is said once with how often: a shell in a shell in a shell. */
function shortened(names: string[]): string[] {
  const runs: [string, number][] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.[0] === name) last[1] += 1;
    else runs.push([name, 1]);
  }
  return runs.map(([name, count]) => (count > 1 ? `${name} ×${count}` : name));
}

function Answer({ title, sentence, more, show }: { title: string; sentence: Sentence; more: ReactNode; show: Show }) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      <p>
        <Said sentence={sentence} show={show} />
      </p>
      {more && <p className="more">{more}</p>}
    </section>
  );
}

function Impact({ sentences, show }: { sentences: Sentence[]; show: Show }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('five.so')}>
      {sentences.length === 0 ? (
        <Empty text={t('story.none')} />
      ) : (
        <ul className="impact" data-testid="impact">
          {sentences.map((sentence, index) => (
            <li key={index} className="wrap">
              <Said sentence={sentence} show={show} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
