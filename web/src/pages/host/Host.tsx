// One host: what it can protect and what not, what it lost, what runs there, what happened there, what was put away.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostDetail } from '../../api/client';
import { host as hostQuery } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Chart } from '../../parts/Chart';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Loss, Presence, Tier, useLossWords, useProtectionWords } from '../../parts/hostWords';
import { Panel } from '../../parts/Panel';
import { Await, Empty } from '../../parts/states';
import { Tabs } from '../../parts/Tabs';
import { printable } from '../../text/printable';
import { QuarantineOf } from '../QuarantineOf';
import { HostContainers } from './HostContainers';
import { HostEvents } from './HostEvents';
import { HostProcesses } from './HostProcesses';

const route = getRouteApi('/shell/hosts/$id');

export function Host() {
  const { id } = route.useParams();
  const query = useQuery(hostQuery(id));
  return <Await query={query}>{(detail) => <Page detail={detail} />}</Await>;
}

function Page({ detail }: { detail: HostDetail }) {
  const { t } = useTranslation();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const { summary } = detail;
  return (
    <div className="page">
      <div className="head">
        <h1 className="wrap">
          <Hostile text={summary.name} />
        </h1>
        <Tier tier={summary.tier} />
        <Presence host={summary} />
        <Loss host={summary} />
      </div>
      <div className="columns">
        <Protection detail={detail} />
        <About detail={detail} />
        <Rate detail={detail} />
      </div>
      <Elsewhere id={summary.id} />
      <Tabs
        label={printable(summary.name)}
        active={tab ?? 'processes'}
        choose={(next) => void navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { id: 'processes', name: t('host.processes'), body: () => <HostProcesses id={summary.id} /> },
          { id: 'containers', name: t('host.containers'), body: () => <HostContainers id={summary.id} /> },
          { id: 'events', name: t('host.events'), body: () => <HostEvents id={summary.id} /> },
          { id: 'quarantine', name: t('nav.quarantine'), body: () => <QuarantineOf host={summary.id} /> },
        ]}
      />
    </div>
  );
}

/** What other pages know of this host. */
function Elsewhere({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <nav className="chips is-wide" aria-label={t('host.elsewhere')}>
      <Link to="/incidents" search={{ host: id }}>
        {t('nav.incidents')}
      </Link>
      <Link to="/alerts" search={{ host: id }}>
        {t('nav.alerts')}
      </Link>
      <Link to="/integrity" search={{ host: id }}>
        {t('nav.integrity')}
      </Link>
      <Link to="/lockdown" search={{ host: id }}>
        {t('nav.lockdown')}
      </Link>
      <Link to="/baselines" search={{ host: id }}>
        {t('nav.baselines')}
      </Link>
    </nav>
  );
}

function Protection({ detail }: { detail: HostDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const protections = useProtectionWords();
  const losses = useLossWords()(detail.summary.lost);
  const { summary } = detail;
  return (
    <Panel title={t('host.protection')}>
      <div className="dialog">
        <p className="wrap">
          <Hostile text={summary.tier_reason} limit={300} />
        </p>
        <div>
          <h3>{t('column.missing')}</h3>
          {summary.missing_protections.length === 0 ? (
            <p className="muted">{t('host.nothingMissing')}</p>
          ) : (
            <ul>
              {protections(summary.missing_protections).map((name) => (
                <li key={name}>· {name}</li>
              ))}
            </ul>
          )}
        </div>
        <div>
          <h3>{t('column.lost')}</h3>
          <p className={losses.length ? '' : 'muted'}>{losses.length ? format.list(losses) : t('loss.noneOf', { formatted: format.number(summary.seen) })}</p>
        </div>
      </div>
    </Panel>
  );
}

function About({ detail }: { detail: HostDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { summary } = detail;
  const mode = (['observe', 'alert', 'enforce'] as const).find((one) => one === (summary.mode as string));
  return (
    <Panel title={t('host.about')}>
      <Facts
        items={[
          [t('column.os'), <Hostile text={summary.os} />],
          [t('host.kernel'), <Hostile text={`${summary.kernel} ${summary.architecture}`} code />],
          [t('host.addresses'), <Hostile text={format.list(detail.addresses)} code />],
          [t('host.agent'), <Hostile text={summary.agent_version} />],
          [t('host.mode'), mode ? t(`mode.${mode}`) : summary.mode],
          [t('host.rules'), t('host.rulesOf', { usable: format.number(detail.rules), rejected: format.number(detail.rules_rejected) })],
          [t('host.memory'), format.bytes(detail.resident_bytes)],
          [t('host.spool'), t('host.spoolOf', { events: format.number(detail.spool_events), bytes: format.bytes(detail.spool_bytes) })],
          [t('host.firstSeen'), <span className="time">{format.time(detail.first_seen)}</span>],
          [t('host.lastSeen'), <span className="time">{format.time(summary.last_seen)}</span>],
        ]}
      />
    </Panel>
  );
}

function Rate({ detail }: { detail: HostDetail }) {
  const { t } = useTranslation();
  const times = useMemo(() => detail.rates.map((point) => Date.parse(point.start)), [detail.rates]);
  const series = useMemo(() => [{ name: t('host.events'), color: '--accent', values: detail.rates.map((point) => point.events) }], [detail.rates, t]);
  return (
    <Panel title={t('host.rates')} flush>
      {detail.rates_known ? <Chart label={t('host.rates')} times={times} series={series} height={170} /> : <Empty text={t('host.ratesUnknown')} />}
    </Panel>
  );
}
