// What can be taken away on paper or as a file: integrity against a standard, techniques as a layer, a case. The node writes each when
// it is asked for, and keeps in the audit log who took it.
import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { overview } from '../api/queries';
import { useSaid } from '../i18n/said';
import { HostSelect } from '../parts/Filters';
import { Panel } from '../parts/Panel';
import { clip, printable } from '../text/printable';
import { ExportMenu } from './incident/ExportMenu';

const days = [1, 7, 30, 90] as const;
const daysInYear = 366;

export function Reports() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.reports')}</h1>
        <span className="muted">{t('reports.hint')}</span>
      </div>
      <div className="columns">
        <IntegrityReport />
        <Layers />
        <Case />
      </div>
    </div>
  );
}

function Download({ to, query, children }: { to: string; query: Record<string, string>; children: ReactNode }) {
  return (
    <a className="download" href={`${to}?${new URLSearchParams(query).toString()}`} download>
      {children}
    </a>
  );
}

function Over({ value, change, choices }: { value: number; change: (days: number) => void; choices: readonly number[] }) {
  const { t } = useTranslation();
  return <NativeSelect label={t('policy.over')} value={String(value)} data={choices.map((one) => ({ value: String(one), label: t('policy.days', { count: one }) }))} onChange={(event) => change(Number(event.currentTarget.value))} />;
}

const views = ['all', 'pci', 'cis'] as const;

function IntegrityReport() {
  const { t } = useTranslation();
  const [view, setView] = useState<(typeof views)[number]>('pci');
  const [host, setHost] = useState<string>();
  const [over, setOver] = useState(7);
  const query = { view, days: String(over), ...(host ? { host } : {}) };
  return (
    <Panel title={t('nav.integrity')}>
      <div className="dialog">
        <p className="muted">{t('reports.integrity')}</p>
        <NativeSelect label={t('reports.view')} value={view} data={views.map((one) => ({ value: one, label: t(`reports.viewOf.${one}`) }))} onChange={(event) => setView(event.currentTarget.value as (typeof views)[number])} />
        <HostSelect value={host} change={setHost} />
        <Over value={over} change={setOver} choices={[...days, daysInYear]} />
        <p className="chips is-wide">
          {(['pdf', 'csv', 'html'] as const).map((format) => (
            <Download key={format} to="/api/v1/integrity/report" query={{ ...query, format }}>
              {t('reports.as', { form: format.toUpperCase() })}
            </Download>
          ))}
        </p>
      </div>
    </Panel>
  );
}

const hoursADay = 24;

function Layers() {
  const { t } = useTranslation();
  const [over, setOver] = useState(30);
  return (
    <Panel title={t('nav.attack')}>
      <div className="dialog">
        <p className="muted">{t('reports.layers')}</p>
        <Over value={over} change={setOver} choices={days} />
        <p className="chips is-wide">
          {(['coverage', 'told'] as const).map((kind) => (
            <Download key={kind} to="/api/v1/attack/layer" query={{ kind, hours: String(over * hoursADay) }}>
              {t(`attack.export.${kind}`)}
            </Download>
          ))}
        </p>
      </div>
    </Panel>
  );
}

function Case() {
  const { t } = useTranslation();
  const said = useSaid();
  const open = useQuery(overview).data?.open_incidents ?? [];
  const [chosen, setChosen] = useState<string>();
  const id = chosen ?? open[0]?.id;
  return (
    <Panel title={t('column.incident')}>
      <div className="dialog">
        <p className="muted">{t('reports.case')}</p>
        {id === undefined ? (
          <p>{t('overview.noIncidents')}</p>
        ) : (
          <>
            <NativeSelect label={t('column.incident')} value={id} data={open.map((one) => ({ value: one.id, label: clip(printable(`${one.id} ${said(one.title)}`), 90) }))} onChange={(event) => setChosen(event.currentTarget.value)} />
            <div>
              <ExportMenu id={id} />
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}
