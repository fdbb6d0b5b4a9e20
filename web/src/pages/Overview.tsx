// Is everything watched, does anything burn.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostSummary, Overview as Data } from '../api/client';
import { overview } from '../api/queries';
import { useFormat } from '../i18n/format';
import { useSaid } from '../i18n/said';
import { Chart } from '../parts/Chart';
import { Hostile } from '../parts/Hostile';
import { Loss, Presence, Tier, useLossWords, useProtectionWords } from '../parts/hostWords';
import { Panel } from '../parts/Panel';
import { Severity, severities, SeverityShape, severityOf } from '../parts/Severity';
import { Await, Empty } from '../parts/states';

export function Overview() {
  const { t } = useTranslation();
  const query = useQuery(overview);
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.overview')}</h1>
      </div>
      <Await query={query}>
        {(data) => (
          <>
            <Stats data={data} />
            <div className="columns">
              <OpenIncidents data={data} />
              <AlertChart data={data} />
            </div>
            <HostsPanel data={data} />
          </>
        )}
      </Await>
    </div>
  );
}

function Stats({ data }: { data: Data }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hosts, incidents, ingest, store } = data;
  return (
    <div className="stats">
      <Link to="/incidents" search={{ status: 'open' }} className="panel stat">
        <span className="label">{t('overview.openIncidents')}</span>
        <span className="value">{format.number(incidents.open)}</span>
      </Link>
      <Link to="/hosts" className="panel stat">
        <span className="label">{t('overview.hostsConnected')}</span>
        <span className={`value ${hosts.connected < hosts.total ? 'is-warn' : ''}`}>{t('overview.of', { part: format.number(hosts.connected), whole: format.number(hosts.total) })}</span>
      </Link>
      <Link to="/hosts" className="panel stat">
        <span className="label">{t('overview.losing')}</span>
        <span className={`value ${hosts.losing > 0 ? 'is-warn' : ''}`}>{format.number(hosts.losing)}</span>
      </Link>
      <div className="panel stat">
        <span className="label">{t('overview.rate')}</span>
        <span className="value" data-testid="rate">{format.rate(ingest.events_per_second)}</span>
      </div>
      <div className="panel stat">
        <span className="label">{t('overview.stored')}</span>
        <span className="value">{format.number(store.events)}</span>
      </div>
      <div className="panel stat">
        <span className="label">{t('overview.size')}</span>
        <span className="value">{format.bytes(store.bytes)}</span>
      </div>
      {store.damaged > 0 && (
        <div className="panel stat">
          <span className="label">{t('overview.damaged')}</span>
          <span className="value is-warn">{format.number(store.damaged)}</span>
        </div>
      )}
      {ingest.failed > 0 && (
        <div className="panel stat">
          <span className="label">{t('overview.failed')}</span>
          <span className="value is-warn">{format.number(ingest.failed)}</span>
          {ingest.last_error && <Hostile text={ingest.last_error} limit={160} />}
        </div>
      )}
    </div>
  );
}

function OpenIncidents({ data }: { data: Data }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  return (
    <Panel title={t('overview.openIncidents')} tools={<Link to="/incidents">{t('overview.allIncidents')}</Link>}>
      {data.open_incidents.length === 0 ? (
        <Empty text={t('overview.noIncidents')} />
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('column.severity')}</th>
                <th scope="col">{t('column.incident')}</th>
                <th scope="col" className="num">{t('column.alerts')}</th>
                <th scope="col">{t('column.last')}</th>
              </tr>
            </thead>
            <tbody>
              {data.open_incidents.map((one) => (
                <tr key={one.id}>
                  <td>
                    <Severity severity={severityOf(one.severity)} />
                  </td>
                  <td className="fills">
                    <Link to="/incidents/$id" params={{ id: one.id }}>
                      <Hostile text={said(one.title)} limit={200} />
                    </Link>
                  </td>
                  <td className="num">{format.number(one.alert_count)}</td>
                  <td className="time muted">{format.time(one.last)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function AlertChart({ data }: { data: Data }) {
  const { t } = useTranslation();
  const format = useFormat();
  const times = useMemo(() => data.alerts.map((bucket) => Date.parse(bucket.start)), [data.alerts]);
  const series = useMemo(
    () => severities.map((name) => ({ name: t(`severity.${name}`), color: `--sev-${name}`, values: data.alerts.map((bucket) => bucket[name]) })),
    [data.alerts, t],
  );
  const totals = severities.map((name) => data.alerts.reduce((sum, bucket) => sum + bucket[name], 0));
  return (
    <Panel title={t('overview.alerts24h')} tools={<Link to="/alerts">{t('overview.allAlerts')}</Link>} flush>
      <Chart label={t('overview.alerts24h')} times={times} series={series} stacked height={164} />
      <ul className="legend-list">
        {severities.map((name, index) => (
          <li key={name} className="severity">
            <SeverityShape severity={name} />
            {t(`severity.${name}`)} <span className="muted">{format.number(totals[index] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function HostsPanel({ data }: { data: Data }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('overview.protection')} tools={<Link to="/hosts">{t('overview.allHosts')}</Link>}>
      {data.host_list.length === 0 ? <Empty text={t('host.none')} /> : data.host_list.map((host) => <HostLine key={host.id} host={host} />)}
    </Panel>
  );
}

function HostLine({ host }: { host: HostSummary }) {
  const { t } = useTranslation();
  const format = useFormat();
  const protections = useProtectionWords();
  const losses = useLossWords()(host.lost);
  return (
    <div className="host-line" data-host={host.name}>
      <span className="strong clip">
        <Link to="/hosts/$id" params={{ id: host.id }}>
          <Hostile text={host.name} />
        </Link>
      </span>
      <span className="chips">
        <Tier tier={host.tier} />
        <Presence host={host} />
        <Loss host={host} />
      </span>
      <span className="muted nowrap">{t('host.rate', { rate: format.rate(host.events_per_second) })}</span>
      <p className="wide muted">
        {host.missing_protections.length === 0 ? t('host.nothingMissing') : t('host.missing', { list: format.list(protections(host.missing_protections)) })}
      </p>
      {losses.length > 0 && <p className="wide muted">{t('host.lost', { list: format.list(losses) })}</p>}
    </div>
  );
}
