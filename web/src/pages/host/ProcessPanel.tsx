// The chosen process of a host: what it is, and what can be done about it now: end its tree, put its program away, see all it did.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostProcess, ResponseAction } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { ActDialog } from '../hunt/ActDialog';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Everything that is stored of a process and of what it started. */
export const questionOf = (entity: string) => `SELECT timestamp, event_action, process_name, process_command_line, file_path, destination_ip
FROM events
WHERE process_entity_id = ${quoted(entity)} OR process_parent_entity_id = ${quoted(entity)}
ORDER BY timestamp
LIMIT 1000`;

/** What can be ordered: a program of a package is the system's own, and is not put away. */
export function actionsOn(host: string, process: HostProcess): ResponseAction[] {
  const ends: ResponseAction[] = process.entity_id ? [{ kind: 'kill_tree', host_id: host, entity_id: process.entity_id }] : [];
  const own = process.package === null && !process.fileless && process.executable.startsWith('/');
  return own ? [...ends, { kind: 'quarantine', host_id: host, path: process.executable }] : ends;
}

export function ProcessPanel({ host, process, close }: { host: string; process: HostProcess; close: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [action, setAction] = useState<ResponseAction>();
  const text = (value: string | null | undefined, code = false) => (value ? <Hostile text={value} limit={300} code={code} /> : null);
  const entity = process.entity_id;
  return (
    <Panel
      title={t('chosen.title')}
      tools={
        <>
          {actionsOn(host, process).map((one) => (
            <Button key={one.kind} variant="default" disabled={viewer} onClick={() => setAction(one)} data-testid={`host-${one.kind}`}>
              {t(`respond.${one.kind}`)}
            </Button>
          ))}
          {entity && (
            <Button variant="default" onClick={() => void navigate({ to: '/hunt', search: { sql: questionOf(entity) } })}>
              {t('next.hunt')}
            </Button>
          )}
          <Button variant="default" onClick={close}>
            {t('action.close')}
          </Button>
        </>
      }
    >
      <div className="dialog" data-testid="process">
        <div className="pre" tabIndex={0} role="group" aria-label={t('column.commandLine')}>
          <Hostile text={process.command_line || process.executable} limit={2048} />
        </div>
        <Facts
          items={[
            [t('process.executable'), text(process.executable, true)],
            [t('graph.pid', { pid: process.pid }), text(process.user ?? String(process.user_id))],
            [t('process.started'), <span className="time">{format.time(process.started)}</span>],
            [t('process.unit'), text(process.unit)],
            [t('process.container'), text(process.container_image ?? process.container_id)],
            [t('process.package'), process.package ? text(process.package) : t('process.noPackage')],
            [t('process.sha256'), text(process.sha256, true)],
          ]}
        />
      </div>
      {action && <ActDialog kind={action.kind} actions={[action]} close={() => setAction(undefined)} />}
    </Panel>
  );
}
