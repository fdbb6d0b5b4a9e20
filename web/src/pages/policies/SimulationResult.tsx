// The past under the edited policy: what would be done about stored alerts, what its profiles would have denied, and which
// programs a lock would not have let start.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { known } from '../../parts/hostWords';
import { Severity, severityOf } from '../../parts/Severity';
import { harsher } from './harsher';

type Host = Schema['HostSimulation'];
const actions = ['allow', 'alert', 'deny', 'kill', 'quarantine'] as const;
const most = 12;

function useActionWord() {
  const { t } = useTranslation();
  return (action: string) => {
    const word = known(actions, action);
    return word ? t(`decision.${word}`) : action;
  };
}

export function SimulationResult({ simulation }: { simulation: Schema['Simulation'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const alerts = simulation.hosts.reduce((sum, host) => sum + host.alerts.alerts, 0);
  const acted = simulation.hosts.reduce((sum, host) => sum + harsher(host.alerts.changes), 0);
  return (
    <div className="dialog">
      <p className={acted > 0 ? 'note is-warn' : 'note'} data-testid="simulation-sum">
        {t('policy.simulated', { alerts: format.number(alerts), acted: format.number(acted), from: format.time(simulation.from) })}
      </p>
      {simulation.hosts.map((host) => (
        <OneHost key={host.answer.host_id} host={host} />
      ))}
    </div>
  );
}

function OneHost({ host }: { host: Host }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useActionWord();
  const { alerts, starts, answer } = host;
  const changed = alerts.changes.filter((one) => one.from !== one.to);
  return (
    <section className="card" aria-label={answer.host_name}>
      <h3>
        <Hostile text={answer.host_name} limit={80} />
      </h3>
      <p>{t('policy.alertsOf', { count: alerts.alerts, formatted: format.number(alerts.alerts) })}</p>
      {alerts.truncated && <p className="note is-warn">{t('policy.truncated')}</p>}
      {changed.length === 0 ? (
        <p className="muted">{t('policy.noChange')}</p>
      ) : (
        <ul>
          {changed.map((one) => (
            <li key={`${one.from} ${one.to}`}>{t('policy.change', { count: one.count, formatted: format.number(one.count), from: word(one.from), to: word(one.to) })}</li>
          ))}
        </ul>
      )}
      {alerts.samples.length > 0 && (
        <details>
          <summary>{t('policy.samples', { count: alerts.samples.length })}</summary>
          <ul className="samples">
            {alerts.samples.slice(0, most).map((one) => (
              <li key={one.alert_id} className="wrap">
                <Severity severity={severityOf(one.severity)} /> <Hostile text={one.title} limit={160} /> · {word(one.from)} → {word(one.to)} ·{' '}
                {one.incident_id && (
                  <Link to="/incidents/$id" params={{ id: one.incident_id }}>
                    {one.incident_id}
                  </Link>
                )}
                {one.process && (
                  <p className="muted">
                    <Hostile code text={one.process} limit={160} />
                  </p>
                )}
              </li>
            ))}
            {alerts.samples.length > most && <li className="muted">{t('list.andMore', { count: alerts.samples.length - most })}</li>}
          </ul>
        </details>
      )}
      {host.lockouts.map((one) => (
        <p key={`${one.line} ${one.program}`} className="note is-error wrap">
          {t('policy.lockout')} <Hostile code text={one.program} limit={200} /> <Hostile text={one.says} limit={300} />
        </p>
      ))}
      {host.prevention && <Profiles prevention={host.prevention} />}
      {starts ? (
        <Starts starts={starts} />
      ) : (
        <p className="note is-warn wrap">
          {t('policy.noStarts')} {t(`answers.${answer.status}`)} {answer.detail && <Hostile text={answer.detail} limit={300} />}
        </p>
      )}
    </section>
  );
}

function Profiles({ prevention }: { prevention: Schema['PreventionSimulation'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <p data-testid="simulation-profiles">{t('policy.acts', { count: prevention.profiles, judged: format.number(prevention.judged), denied: format.number(prevention.denied) })}</p>
      {prevention.left_out > 0 && <p className="note is-warn">{t('policy.actsLeftOut', { count: prevention.left_out })}</p>}
      {prevention.would_deny.length > 0 && (
        <details>
          <summary>{t('policy.wouldDeny', { count: prevention.would_deny.length })}</summary>
          <ul className="samples">
            {prevention.would_deny.slice(0, most * 4).map((one) => (
              <li key={`${one.line} ${one.program} ${one.what}`} className="wrap">
                <Hostile code text={one.program} limit={200} /> · <Hostile text={one.says} limit={300} /> · {t('policy.times', { count: one.count, formatted: format.number(one.count) })} · <Hostile code text={one.line} limit={200} />
              </li>
            ))}
          </ul>
          {prevention.would_deny.length > most * 4 && <p className="muted">{t('list.andMore', { count: prevention.would_deny.length - most * 4 })}</p>}
        </details>
      )}
    </>
  );
}

function Starts({ starts }: { starts: Schema['StartSimulation'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const vital = starts.vital.filter((one) => one.role);
  return (
    <>
      <p>{t('policy.starts', { starts: format.number(starts.starts), programs: format.number(starts.programs), denied: format.number(starts.denied_starts) })}</p>
      {starts.left_out > 0 && <p className="note is-warn">{t('policy.leftOut', { count: starts.left_out })}</p>}
      {vital.map((one) => (
        <p key={one.path} className="note is-error wrap">
          {t('policy.vital')} <Hostile code text={one.path} limit={200} /> <Hostile text={one.reason} limit={200} />
        </p>
      ))}
      {starts.would_refuse.length > 0 && (
        <details>
          <summary>{t('policy.wouldRefuse', { count: starts.would_refuse.length })}</summary>
          <ul className="samples">
            {starts.would_refuse.slice(0, most * 4).map((one) => (
              <li key={`${one.path} ${one.sha256}`} className="wrap">
                <Hostile code text={one.path} limit={200} /> · {t(one.outcome === 'unsure' ? 'policy.unsure' : 'policy.denied')} · {t('policy.startsOf', { count: one.count, formatted: format.number(one.count) })} · <Hostile text={one.reason} limit={200} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
