// Who, what, when, where, how: one sentence each, with the facts it rests on below.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, Sentence } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Said } from './Said';

export function FiveAnswers({ incident, show }: { incident: Incident; show: (ids: readonly string[]) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { who, what, when, where, how } = incident;
  const stopped = Object.values(what.stopped).reduce((sum, count) => sum + count, 0);
  return (
    <div className="five">
      <Answer title={t('five.who')} sentence={who.sentence} show={show} more={who.source ? <Hostile text={who.source} limit={80} /> : null} />
      <Answer title={t('five.what')} sentence={what.sentence} show={show} more={<><span className="mono">{incident.techniques.slice(0, 6).join(' → ')}</span>{incident.techniques.length > 6 ? '…' : ''}{stopped > 0 ? <> · {t('five.stopped', { count: stopped })}</> : null}</>} />
      <Answer title={t('five.when')} sentence={when.sentence} show={show} more={`${format.time(when.first)} · ${format.duration(when.duration_ms)}`} />
      <Answer title={t('five.where')} sentence={where.sentence} show={show} more={<Hostile text={format.list([...where.hosts.map((host) => host.name), ...where.units.slice(0, 2), ...where.containers.slice(0, 1).map((id) => id.slice(0, 12))])} limit={160} />} />
      <Answer title={t('five.how')} sentence={how.sentence} show={show} more={incident.root_cause.length > 1 ? <Hostile text={incident.root_cause.map((step) => step.name).join(' → ')} limit={160} /> : null} />
    </div>
  );
}

function Answer({ title, sentence, more, show }: { title: string; sentence: Sentence; more: ReactNode; show: (ids: readonly string[]) => void }) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      <p>
        <Said sentence={sentence} show={show} plain />
      </p>
      {more && <p className="more">{more}</p>}
    </section>
  );
}
