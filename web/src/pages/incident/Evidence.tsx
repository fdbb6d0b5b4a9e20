// The alerts that prove the story, each with the fields that matched and why it was decided so. Details are asked for when opened.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertSummary, Schema } from '../../api/client';
import { alert as alertQuery } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { ActionWord } from '../../parts/ActionWord';
import { EngineName } from '../../parts/EngineName';
import { Hostile } from '../../parts/Hostile';
import { known } from '../../parts/hostWords';
import { Panel } from '../../parts/Panel';
import { Severity, severityOf } from '../../parts/Severity';
import { Await, Empty } from '../../parts/states';
import { useModelWords } from '../malware/useModelWords';
import { Findings } from '../malware/Voices';

interface Props {
  alerts: AlertSummary[];
  total: number;
  /** Ids of the alerts that one sentence rests on; null for all. */
  proof: readonly string[] | null;
  showAll: () => void;
}
const step = 25;

export function Evidence({ alerts, total, proof, showAll }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [most, setMost] = useState(step);
  const shown = useMemo(() => (proof ? alerts.filter((alert) => proof.includes(alert.id)) : alerts), [alerts, proof]);
  return (
    <Panel
      title={t('evidence.title', { count: total, formatted: format.number(total) })}
      tools={
        proof && (
          <Button variant="default" onClick={showAll}>
            {t('evidence.all', { shown: format.number(shown.length) })}
          </Button>
        )
      }
    >
      {shown.length === 0 && <Empty text={t('evidence.none')} />}
      <div data-testid="evidence">
        {shown.slice(0, most).map((alert, index) => (
          <Item key={proof ? `${proof[0]} ${alert.id}` : alert.id} alert={alert} open={proof !== null && index === 0} />
        ))}
      </div>
      {shown.length > most && (
        <Button variant="default" onClick={() => setMost(most + 100)}>
          {t('list.more', { count: shown.length - most, formatted: format.number(shown.length - most) })}
        </Button>
      )}
    </Panel>
  );
}

function Item({ alert, open: opened }: { alert: AlertSummary; open: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useModelWords();
  const [open, setOpen] = useState(opened);
  return (
    <article className="evidence-item" id={`alert-${alert.id}`}>
      <div className="line">
        <Severity severity={severityOf(alert.severity)} />
        <h3 className="wrap">
          <Hostile text={words.name(alert.title)} limit={300} />
        </h3>
        <span className="time muted">{format.time(alert.time)}</span>
        <span className="mono muted">{alert.techniques.join(' ')}</span>
        <ActionWord action={alert.action} outcome={alert.outcome} />
      </div>
      <p className="wrap">
        <Hostile text={words.detail(alert.detail)} limit={800} />
      </p>
      {alert.process_command_line && (
        <p className="wrap muted">
          <Hostile code text={alert.process_command_line} limit={600} />
        </p>
      )}
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('evidence.details')}</summary>
        {open && <Detail id={alert.id} />}
      </details>
    </article>
  );
}

function Detail({ id }: { id: string }) {
  const query = useQuery(alertQuery(id));
  return <Await query={query}>{(detail) => <DetailBody detail={detail} />}</Await>;
}

function DetailBody({ detail }: { detail: Schema['AlertDetail'] }) {
  const { t } = useTranslation();
  const { decision, findings, event } = detail;
  return (
    <div className="dialog" style={{ paddingTop: 8 }}>
      <Findings findings={findings} />
      <section>
        <h4 className="strong" style={{ margin: 0 }}>
          {t('evidence.decision')}
        </h4>
        <p>{t('evidence.decided', { action: actionWord(t, decision.action), wanted: actionWord(t, decision.wanted), mode: modeWord(t, decision.mode) })}</p>
        <ol className="reasons">
          {decision.reasons.map((reason, at) => (
            <li key={at}>
              {reason.engine && (
                <>
                  <EngineName engine={reason.engine} />:{' '}
                </>
              )}
              <Hostile text={reason.text} limit={500} />
            </li>
          ))}
        </ol>
        {detail.outcome_detail && (
          <p className="muted wrap">
            <Hostile text={detail.outcome_detail} limit={500} />
          </p>
        )}
      </section>
      <section>
        <h4 className="strong" style={{ margin: 0 }}>
          {t('evidence.event')}
        </h4>
        <EventFields event={event} />
      </section>
    </div>
  );
}

/** Every field of an event, labels last; names stay as they are in the store, so that they can be hunted for. */
export function EventFields({ event }: { event: Record<string, unknown> }) {
  const labels = (event.labels ?? {}) as Record<string, unknown>;
  const fields = Object.entries(event).filter(([name]) => name !== 'labels');
  return (
    <dl className="matched">
      {fields.map(([name, value]) => (
        <Pair key={name} name={name} value={asText(value)} />
      ))}
      {Object.entries(labels).map(([name, value]) => (
        <Pair key={`labels.${name}`} name={`labels.${name}`} value={asText(value)} />
      ))}
    </dl>
  );
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="mono muted">
        <Hostile text={name} limit={80} />
      </dt>
      <dd className="mono wrap">
        <Hostile text={value} limit={2000} />
      </dd>
    </>
  );
}

type T = TFunction;
const actionWord = (t: T, action: string) => {
  const word = known(['allow', 'alert', 'deny', 'kill', 'quarantine'] as const, action);
  return word ? t(`decision.${word}`) : action;
};
const modeWord = (t: T, mode: string) => {
  const word = known(['observe', 'alert', 'enforce'] as const, mode);
  return word ? t(`mode.${word}`) : mode;
};
