// To a canary first, then to the rest: what each host has now, then a reason, then what each made of it. An edited text becomes a new
// version on the way.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Command, type Schema } from '../../api/client';
import { policies } from '../../api/protection';
import { SentCommands } from '../../parts/Commands';
import { Diff } from '../../parts/Diff';
import { HostChoice } from '../../parts/HostChoice';
import { ReasonForm } from '../../parts/ReasonForm';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { canary } from './canary';

interface Props {
  name: string;
  text: string;
  kept: Schema['Policy'] | undefined;
  simulated: boolean;
  close: () => void;
}

export function RolloutDialog({ name, text, kept, simulated, close }: Props) {
  const { t } = useTranslation();
  const query = useQuery(policies);
  return (
    <Dialog title={t('policy.rollOutOf', { name })} close={close} size={640}>
      <Await query={query}>{(data) => <Body name={name} text={text} kept={kept} simulated={simulated} close={close} hosts={data.hosts} />}</Await>
    </Dialog>
  );
}

function Body({ name, text, kept, simulated, close, hosts }: Props & { hosts: Schema['PolicyHost'][] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Set<string>>(() => new Set(canary(hosts, name)));
  const [sent, setSent] = useState<Command[]>();
  // A failure in the middle must not make the same version twice.
  const [written, setWritten] = useState<number>();
  const nameOf = (id: string) => hosts.find((host) => host.host_id === id)?.host_name ?? id;
  const act = async (reason: string) => {
    let version = text === kept?.text ? kept.version : written;
    if (version === undefined) {
      version = (await ask(api.PUT('/api/v1/policies/{name}', { params: { path: { name } }, body: { text, reason, base: kept?.version ?? null } }))).version;
      setWritten(version);
    }
    const rollout = await ask(api.POST('/api/v1/policies/{name}/rollout', { params: { path: { name } }, body: { host_ids: [...chosen], version, preview: false, reason } }));
    setSent(rollout.commands);
    void client.invalidateQueries({ queryKey: ['policies'] });
  };
  const rest = hosts.filter((host) => !chosen.has(host.host_id)).map((host) => host.host_id);
  if (sent)
    return (
      <SentCommands commands={sent} nameOf={nameOf} close={close}>
        {rest.length > 0 && (
          <Button
            variant="default"
            onClick={() => {
              setChosen(new Set(rest));
              setSent(undefined);
            }}
          >
            {t('policy.toTheRest', { count: rest.length })}
          </Button>
        )}
      </SentCommands>
    );
  return (
    <div className="dialog">
      {!simulated && <p className="note is-warn">{t('policy.notYetSimulated')}</p>}
      {kept && <Diff before={kept.text} after={text} label={t('policy.changes')} />}
      <HostChoice
        label={t('policy.toHosts')}
        hosts={hosts.map((host) => ({ id: host.host_id, name: host.host_name, connected: host.connected, note: host.given ? t('policy.versionOf', { policy: host.given.policy, version: host.given.version }) : t('policy.own') }))}
        chosen={chosen}
        change={setChosen}
      />
      <p className="muted">{t('policy.awayGets')}</p>
      <ReasonForm confirm={t('policy.rollOutTo', { count: chosen.size })} disabled={chosen.size === 0} close={close} act={act} />
    </div>
  );
}
