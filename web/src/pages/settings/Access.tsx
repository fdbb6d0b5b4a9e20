// Who may come in: users of the console, tokens for new hosts, agents and their end. For administrators.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { agents, users } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { PlainTable } from '../../parts/PlainTable';
import { ReasonDialog } from '../../parts/ReasonDialog';
import { Await, Empty, FailureNote } from '../../parts/states';
import { printable } from '../../text/printable';

const roles = ['viewer', 'analyst', 'admin'] as const;
type Role = (typeof roles)[number];

export function Users() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const query = useQuery(users);
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const add = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/admin/users', { body: { username, role } })),
    onSuccess: () => (setUsername(''), client.invalidateQueries({ queryKey: users.queryKey })),
  });
  return (
    <Panel title={t('access.users')}>
      <div className="dialog">
        <Await query={query}>
          {({ items }) => (
            <PlainTable label={t('access.users')} heads={[t('access.user'), t('access.role'), t('access.hasPassword'), t('access.created')]} testid="users">
              {items.map((user) => (
                <tr key={user.username}>
                  <td className="wrap">
                    <Hostile text={user.username} limit={80} />
                  </td>
                  <td>{t(`role.${user.role}`)}</td>
                  <td>{user.has_password ? t('access.yes') : <span className="chip is-warn">{t('access.no')}</span>}</td>
                  <td className="time">{format.time(user.created)}</td>
                </tr>
              ))}
            </PlainTable>
          )}
        </Await>
        <form className="filters" onSubmit={(event) => (event.preventDefault(), add.mutate())}>
          <TextInput label={t('access.user')} description={t('access.userHint')} value={username} onChange={(event) => setUsername(event.currentTarget.value)} data-testid="new-user" />
          <NativeSelect label={t('access.role')} value={role} data={roles.map((one) => ({ value: one, label: t(`role.${one}`) }))} onChange={(event) => setRole(event.currentTarget.value as Role)} />
          <Button type="submit" variant="default" disabled={!/^[A-Za-z0-9._-]{1,64}$/.test(username) || add.isPending} data-testid="add-user">
            {t('access.add')}
          </Button>
        </form>
        {add.isError && <FailureNote error={add.error} />}
        {add.data && (
          <p className="note" role="status">
            {t('access.firstLogin', { name: add.data.username })}
          </p>
        )}
      </div>
    </Panel>
  );
}

export function Enrolment() {
  const { t } = useTranslation();
  const format = useFormat();
  const make = useMutation({ mutationFn: () => ask(api.POST('/api/v1/admin/enrolment-tokens', { body: { valid_seconds: null } })) });
  return (
    <Panel
      title={t('access.enrol')}
      tools={
        <Button variant="default" onClick={() => make.mutate()} disabled={make.isPending} data-testid="make-token">
          {t('access.token')}
        </Button>
      }
    >
      <div className="dialog">
        <p>{t('access.enrolText')}</p>
        <pre className="pre" tabIndex={0} aria-label={t('access.enrol')}>
          tamon enrol --node {make.data?.agent_address ?? 'HOST:PORT'} --token {make.data?.token ?? 'TOKEN'}
        </pre>
        {make.data && <p className="muted">{t('access.expires', { time: format.time(make.data.expires) })}</p>}
        {make.isError && <FailureNote error={make.error} />}
      </div>
    </Panel>
  );
}

export function Agents() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(agents);
  const [revoking, setRevoking] = useState<Schema['AgentEntry']>();
  return (
    <Panel title={t('access.agents')}>
      <Await query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty text={t('host.none')} />
          ) : (
            <PlainTable label={t('access.agents')} heads={[t('column.host'), t('column.status'), t('access.enrolled'), t('column.action')]} testid="agents">
              {items.map((one) => (
                <tr key={one.agent_id}>
                  <td className="wrap">
                    <Hostile text={one.host_name ?? one.agent_id} limit={80} />
                  </td>
                  <td>{one.revoked ? <span className="chip is-warn">{t('host.revoked')}</span> : one.connected ? <span className="chip is-good">{t('host.connected')}</span> : <span className="chip">{t('answers.offline')}</span>}</td>
                  <td className="time">{format.time(one.enrolled)}</td>
                  <td>
                    <Button variant="default" disabled={one.revoked} onClick={() => setRevoking(one)} aria-label={t('access.revokeNamed', { host: printable(one.host_name ?? one.agent_id) })}>
                      {t('access.revoke')}
                    </Button>
                  </td>
                </tr>
              ))}
            </PlainTable>
          )
        }
      </Await>
      {revoking && <Revoke agent={revoking} close={() => setRevoking(undefined)} />}
    </Panel>
  );
}

function Revoke({ agent, close }: { agent: Schema['AgentEntry']; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const act = async (reason: string) => {
    await ask(api.POST('/api/v1/admin/agents/{id}/revoke', { params: { path: { id: agent.agent_id } }, body: { reason } }));
    for (const key of ['agents', 'hosts']) await client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <ReasonDialog title={t('access.revoke')} destroys act={act} close={close}>
      <p>{t('access.revokeText')}</p>
      <div className="pre">
        <Hostile text={agent.host_name ?? agent.agent_id} limit={200} />
      </div>
    </ReasonDialog>
  );
}
