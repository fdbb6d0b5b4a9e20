// One host's lock: since when and by whom, what its tier cannot keep, what it saw that nobody vouches for, what is trusted.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { lockdownReport } from '../../api/protection';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { PlainTable } from '../../parts/PlainTable';
import { Await, Empty } from '../../parts/states';
import { printable } from '../../text/printable';
import { ChangeDialog } from './ChangeDialog';
import { TrustDialog } from './TrustDialog';
import { PhaseWord, UseWord, useKernelWord, useModeWord } from './words';

type Unknown = Schema['UnknownFile'];
type Open = { kind: 'trust'; file: Unknown } | { kind: 'untrust'; what: string } | { kind: 'learn' } | { kind: 'lock' } | null;

export function HostLock({ lock, close }: { lock: Schema['HostLockdown']; close: () => void }) {
  const { t } = useTranslation();
  const host = lock.answer.host_id;
  const admin = useQuery(me).data?.role === 'admin';
  const analyst = useQuery(me).data?.role !== 'viewer';
  const query = useQuery(lockdownReport(host));
  const [open, setOpen] = useState<Open>(null);
  const shut = () => setOpen(null);
  const phase = lock.state?.phase;
  return (
    <>
      <Panel
        title={t('lockdown.lockOf', { host: lock.answer.host_name })}
        tools={
          <>
            <PhaseWord lock={lock} />
            <Button variant="default" onClick={() => setOpen({ kind: 'learn' })} disabled={!admin || !lock.state || phase === 'locked'} data-testid="learn">
              {t('lockdown.learn')}
            </Button>
            <Button variant="default" onClick={() => setOpen({ kind: 'lock' })} disabled={!admin || !lock.state} data-testid="lock">
              {t('lockdown.lock')}
            </Button>
            <Button variant="default" onClick={close}>
              {t('action.close')}
            </Button>
          </>
        }
      >
        {lock.state ? <State state={lock.state} /> : <p className="muted">{t(`answers.${lock.answer.status}`)}</p>}
      </Panel>
      <Await query={query}>
        {(report) => (
          <>
            <Panel title={t('lockdown.report')}>
              <UnknownFiles report={report} trust={analyst ? (file) => setOpen({ kind: 'trust', file }) : undefined} />
            </Panel>
            <Panel title={t('lockdown.trustedTitle')}>
              <Trusted report={report} untrust={admin ? (what) => setOpen({ kind: 'untrust', what }) : undefined} />
            </Panel>
          </>
        )}
      </Await>
      {open?.kind === 'trust' && <TrustDialog host={host} file={open.file} mayTrust={admin} close={shut} />}
      {open && open.kind !== 'trust' && <ChangeDialog host={host} open={open} close={shut} />}
    </>
  );
}

function State({ state }: { state: Schema['LockdownState'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const modeWord = useModeWord();
  const glass = state.break_glass;
  return (
    <div className="dialog">
      {glass && (
        <p className="note is-warn wrap" data-testid="glass">
          {t('lockdown.glass', { by: glass.by, until: format.time(glass.until) })} <Hostile text={glass.reason} limit={300} />
        </p>
      )}
      <div className="columns">
        <Facts
          items={[
            [t('lockdown.mode'), modeWord(state.mode)],
            [t('column.by'), state.by && <Hostile text={state.by} />],
            [t('lockdown.since'), state.since && <span className="time">{format.time(state.since)}</span>],
            [t('lockdown.until'), state.until && <span className="time">{format.time(state.until)}</span>],
          ]}
        />
        <Facts
          items={[
            [t('lockdown.ranUnasked'), format.number(state.ran_unasked)],
            [t('lockdown.ended'), format.number(state.ended)],
            [t('lockdown.unjudged'), format.number(state.unjudged)],
            [t('lockdown.distrusted'), format.number(state.distrusted)],
          ]}
        />
        {state.kernel && <InKernel kernel={state.kernel} />}
      </div>
      {state.not_kept.length > 0 && (
        <details>
          <summary>{t('lockdown.notKept', { count: state.not_kept.length })}</summary>
          <dl className="matched">
            {state.not_kept.map((one) => (
              <NotKept key={one.attack} attack={one.attack} why={one.why} />
            ))}
          </dl>
        </details>
      )}
      <p className="muted wrap">{t('lockdown.localOnly')}</p>
    </div>
  );
}

/** In the enforce tier: what the kernel holds by itself, and what happens when the agent is gone. */
function InKernel({ kernel }: { kernel: Schema['KernelLock'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const word = useKernelWord();
  const refused = kernel.refused_programs + kernel.refused_libraries + kernel.refused_modules + kernel.refused_tracing;
  return (
    <Facts
      items={[
        [t('lockdown.kernel'), word(kernel.state)],
        [t('lockdown.withoutAgent'), word(kernel.without_agent)],
        [t('lockdown.kernelRefused'), format.number(refused)],
      ]}
    />
  );
}

function NotKept({ attack, why }: Schema['NotKept']) {
  return (
    <>
      <dt>
        <Hostile text={attack} limit={200} />
      </dt>
      <dd className="muted wrap">
        <Hostile text={why} limit={300} />
      </dd>
    </>
  );
}

function UnknownFiles({ report, trust }: { report: Schema['LockdownReport']; trust: ((file: Unknown) => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report.answer.status !== 'answered') {
    return (
      <p className="note is-warn wrap">
        {t(`answers.${report.answer.status}`)} {report.answer.detail && <Hostile text={report.answer.detail} limit={300} />}
      </p>
    );
  }
  if (report.unknown.length === 0) return <Empty text={t('lockdown.noUnknown')} />;
  return (
    <>
      <PlainTable label={t('lockdown.report')} heads={[t('column.file'), t('lockdown.usedAs'), [t('lockdown.times')], [t('lockdown.refused')], t('lockdown.why'), t('lockdown.who'), t('column.last'), t('column.action')]} testid="unknown">
        {report.unknown.map((file) => (
          <tr key={`${file.path} ${file.sha256} ${file.usage}`}>
            <td className="wrap">
              <Hostile code text={file.path} limit={300} />
            </td>
            <td className="nowrap">
              <UseWord usage={file.usage} />
            </td>
            <td className="num">{format.number(file.count)}</td>
            <td className="num">{format.number(file.denied)}</td>
            <td className="wrap">
              <Hostile text={file.reason} limit={200} />
            </td>
            <td className="wrap">
              <Hostile text={file.user} limit={60} /> <Hostile code text={file.by} limit={120} />
            </td>
            <td className="time">{format.time(file.last)}</td>
            <td>
              {file.is_file && (
                <Button variant="default" disabled={!trust} onClick={() => trust?.(file)} aria-label={t('lockdown.trustNamed', { path: printable(file.path) })}>
                  {t('lockdown.trust')}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {report.unknown_shed > 0 && <p className="note is-warn">{t('lockdown.shed', { count: report.unknown_shed })}</p>}
    </>
  );
}

function Trusted({ report, untrust }: { report: Schema['LockdownReport']; untrust: ((what: string) => void) | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="dialog">
      <p className="muted">{t('lockdown.learned', { count: report.learned, formatted: format.number(report.learned) })}</p>
      {report.package_errors.length > 0 && (
        <p className="note is-warn wrap">
          {t('lockdown.packageErrors', { count: report.package_errors.length })} <Hostile text={report.package_errors.join('; ')} limit={600} />
        </p>
      )}
      {report.trusted.length > 0 && (
        <PlainTable label={t('lockdown.trustedTitle')} heads={[t('column.file'), t('process.sha256'), t('lockdown.source'), t('column.by'), t('lockdown.until'), t('column.action')]} testid="trusted">
          {report.trusted.map((one) => (
            <tr key={`${one.path} ${one.sha256}`}>
              <td className="wrap">{one.path ? <Hostile code text={one.path} limit={300} /> : t('lockdown.anywhere')}</td>
              <td className="mono" title={one.sha256}>
                {one.sha256.slice(0, 12)}…
              </td>
              <td className="wrap">
                <Hostile text={one.source} limit={200} />
              </td>
              <td>
                <Hostile text={one.by} limit={80} />
              </td>
              <td className="time">{one.until ? format.time(one.until) : t('lockdown.forGood')}</td>
              <td>
                <Button variant="default" disabled={!untrust} onClick={() => untrust?.(one.sha256)} aria-label={t('lockdown.untrustNamed', { path: printable(one.path ?? one.sha256) })}>
                  {t('lockdown.untrust')}
                </Button>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {report.distrusted.length > 0 && (
        <section>
          <h3>{t('lockdown.distrusted')}</h3>
          <ul>
            {report.distrusted.map((one, index) => (
              <li key={index} className="wrap">
                <Hostile code text={one.path ?? one.sha256} limit={300} /> · <Hostile text={`${one.by}: ${one.reason}`} limit={300} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
