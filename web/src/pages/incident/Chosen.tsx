// The chosen process, file or address: what it is, why it stands out, what it did.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { GraphNode, Incident, ResponseAction } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Severity, severityOf } from '../../parts/Severity';
import { Empty } from '../../parts/states';
import { actionsOf } from './targets';

interface Props {
  incident: Incident;
  node: GraphNode | undefined;
  /** False when the node could not count what processes did: a nought would be a lie. */
  counted: boolean;
  act: (action: ResponseAction) => void;
  show: (ids: readonly string[]) => void;
}

export function Chosen({ incident, node, counted, act, show }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const viewer = useQuery(me).data?.role === 'viewer';
  const reason = incident.root_cause.find((step) => step.node === node?.id)?.reason;
  return (
    <Panel title={t('chosen.title')} className="chosen">
      {!node ? (
        <Empty text={t('chosen.none')} />
      ) : (
        <div className="body" data-testid="chosen" style={{ padding: 0 }}>
          <p className="who">
            <strong className="wrap">
              <Hostile text={node.label} limit={200} />
            </strong>
            {node.process && (
              <span className="muted">
                {t('graph.pid', { pid: node.process.pid })} · <Hostile text={node.process.user ?? node.process.user_id} limit={60} />
              </span>
            )}
          </p>
          <div className="chips">
            {node.severity && <Severity severity={severityOf(node.severity)} />}
            {node.entry && <span className="chip">◆ {t('graph.root')}</span>}
            {node.process?.fileless && <span className="chip is-warn">{t('chosen.fileless')}</span>}
          </div>
          {reason && (
            <p className="wrap">
              <Hostile text={said(reason.text)} limit={500} />
            </p>
          )}
          <div className="pre" tabIndex={0} role="group" aria-label={t('column.commandLine')}>
            <Hostile text={node.process?.command_line ?? node.path ?? node.label} limit={2048} />
          </div>
          {node.process && <ProcessFacts node={node} />}
          {counted && <Counters node={node} />}
          <div className="chips">
            {node.alerts.length > 0 && (
              <Button variant="default" onClick={() => show(node.alerts)}>
                {t('chosen.alerts', { count: node.alerts.length, formatted: format.number(node.alerts.length) })}
              </Button>
            )}
            {actionsOf(incident, node).map((action) => (
              <Button key={action.kind} variant="default" disabled={viewer} onClick={() => act(action)}>
                {t(`respond.${action.kind}`)}
              </Button>
            ))}
          </div>
        </div>
      )}
    </Panel>
  );
}

function ProcessFacts({ node }: { node: GraphNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const process = node.process;
  if (!process) return null;
  const text = (value: string | null | undefined, code = false) => (value ? <Hostile text={value} limit={300} code={code} /> : null);
  return (
    <Facts
      items={[
        [t('process.executable'), text(process.executable, true)],
        [t('process.started'), <span className="time">{format.time(process.started)}</span>],
        [t('process.login'), text(process.login)],
        [t('process.loginSource'), text(process.login_source)],
        [t('process.unit'), text(process.unit)],
        [t('process.container'), text(process.container_image ?? process.container_id)],
        [t('process.package'), process.package ? text(process.package) : t('process.noPackage')],
        [t('process.sha256'), text(process.sha256, true)],
      ]}
    />
  );
}

function Counters({ node }: { node: GraphNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const names = ['network', 'dns', 'files', 'children', 'other', 'alerts'] as const;
  if (node.kind !== 'process') return null;
  return (
    <dl className="counters">
      {names.map((name) => (
        <div key={name}>
          <dt>{t(`counter.${name}`)}</dt>
          <dd>{format.number(node.counters[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
