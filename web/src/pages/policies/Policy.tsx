// One policy: its text, held to the language as one types; what changed; the past under it; and the way to hosts, a canary first.
import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, Failure, type Schema } from '../../api/client';
import { hostPolicy, policies, policy as policyQuery, policyVersion } from '../../api/protection';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Diff } from '../../parts/Diff';
import { HostChoice } from '../../parts/HostChoice';
import { Panel } from '../../parts/Panel';
import { Await, Empty, FailureNote, Loading } from '../../parts/states';
import { Check, useCheck } from './Check';
import { RolloutDialog } from './RolloutDialog';
import { SimulationResult } from './SimulationResult';

const route = getRouteApi('/shell/policies/$name');
const shortest = 'version = 1\n';

export function Policy() {
  const { name } = route.useParams();
  const { from } = route.useSearch();
  const list = useQuery(policies);
  const known = list.data?.items.some((one) => one.name === name);
  // One that was begun here becomes known while its editor is open, which must stay.
  const [begun, setBegun] = useState<string>();
  if (known === false && from !== undefined && begun !== name) setBegun(name);
  const kept = useQuery({ ...policyQuery(name), enabled: known === true });
  const begin = useQuery({ ...hostPolicy(from ?? ''), enabled: from !== undefined && from !== 'nothing' });
  const error = list.error ?? kept.error;
  if (error) return <FailureNote error={error} retry={() => void (list.error ? list.refetch() : kept.refetch())} />;
  if (known === false && from === undefined) return <FailureNote error={new Failure('not_found', '')} />;
  if (known === undefined || (known && !kept.data && begun !== name) || (from && from !== 'nothing' && begin.isLoading)) return <Loading />;
  const text = begin.data?.text ?? kept.data?.text ?? shortest;
  return <Editor key={`${name} ${from ?? ''}`} name={name} kept={kept.data} begin={text} />;
}

function Editor({ name, kept, begin }: { name: string; kept: Schema['Policy'] | undefined; begin: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const admin = useQuery(me).data?.role === 'admin';
  const viewer = useQuery(me).data?.role === 'viewer';
  const hosts = useQuery(policies).data?.hosts ?? [];
  const [text, setText] = useState(begin);
  const [days, setDays] = useState(7);
  const [chosen, setChosen] = useState<Set<string>>();
  const [rolling, setRolling] = useState(false);
  const [against, setAgainst] = useState<string>('newest');
  const check = useCheck(text);
  // Where it runs already; else wherever somebody answers. Simulating asks the hosts, so not the whole fleet by itself.
  const usual = hosts.filter((host) => host.given?.policy === name);
  const picked = chosen ?? new Set((usual.length > 0 ? usual : hosts.filter((host) => host.connected)).slice(0, 10).map((host) => host.host_id));
  const simulate = useMutation({ mutationFn: () => ask(api.POST('/api/v1/policies/simulate', { body: { text, host_ids: [...picked], days } })) });
  const changed = text !== kept?.text;
  useLeaveWarning(changed && kept !== undefined);
  return (
    <div className="page">
      <div className="head">
        <h1 className="wrap">{t('policy.titleOf', { name })}</h1>
        {kept ? <span className="chip">{t('policy.versionNumber', { version: kept.version })}</span> : <span className="chip">{t('policy.unsaved')}</span>}
        {changed && kept && <span className="chip is-warn">{t('policy.edited')}</span>}
        <div className="actions">
          <Button variant="default" onClick={() => simulate.mutate()} disabled={viewer || !check.ok || simulate.isPending || picked.size === 0} data-testid="simulate">
            {t('policy.simulate')}
          </Button>
          <Button variant="filled" onClick={() => setRolling(true)} disabled={!admin || !check.ok} data-testid="roll-out">
            {t('policy.rollOut')}
          </Button>
        </div>
      </div>
      <div className="columns is-wide">
        <Panel title={t('policy.text')}>
          <div className="dialog">
            <Textarea className="sql" aria-label={t('policy.text')} value={text} onChange={(event) => setText(event.currentTarget.value)} rows={24} spellCheck={false} autoCapitalize="off" data-testid="policy-text" />
            <Check check={check} text={text} />
          </div>
        </Panel>
        <div className="page">
          <Panel
            title={t('policy.changes')}
            tools={
              kept && (
                <NativeSelect aria-label={t('policy.against')} value={against} data={[{ value: 'newest', label: t('policy.newest') }, ...kept.versions.slice(1).map((one) => ({ value: String(one.version), label: t('policy.versionBy', { version: one.version, by: one.by, time: format.time(one.time) }) })), ...hosts.filter((host) => host.connected).map((host) => ({ value: `host ${host.host_id}`, label: t('policy.ofHost', { host: host.host_name }) }))]} onChange={(event) => setAgainst(event.currentTarget.value)} />
              )
            }
          >
            {kept ? <Changes name={name} kept={kept} against={against} text={text} /> : <Empty text={t('policy.isNew')} />}
          </Panel>
          <Panel title={t('policy.simulation')}>
            <div className="dialog">
              <NativeSelect label={t('policy.over')} value={String(days)} data={[1, 7, 14, 30].map((one) => ({ value: String(one), label: t('policy.days', { count: one }) }))} onChange={(event) => setDays(Number(event.currentTarget.value))} />
              <details>
                <summary>{t('policy.onHosts', { count: picked.size })}</summary>
                <HostChoice label={t('nav.hosts')} hosts={hosts.map((host) => ({ id: host.host_id, name: host.host_name, connected: host.connected }))} chosen={picked} change={setChosen} />
              </details>
              <div aria-live="polite" data-testid="simulation">
                {simulate.isPending ? <Loading /> : simulate.error ? <FailureNote error={simulate.error} /> : simulate.data ? <SimulationResult simulation={simulate.data} /> : <p className="muted">{t('policy.notSimulated')}</p>}
              </div>
            </div>
          </Panel>
        </div>
      </div>
      {rolling && <RolloutDialog name={name} text={text} kept={kept} simulated={simulate.data !== undefined} close={() => setRolling(false)} />}
    </div>
  );
}

function Changes({ name, kept, against, text }: { name: string; kept: Schema['Policy']; against: string; text: string }) {
  const { t } = useTranslation();
  const host = against.startsWith('host ') ? against.slice(5) : undefined;
  const version = Number(against);
  const earlier = useQuery({ ...policyVersion(name, version), enabled: Number.isInteger(version) });
  const there = useQuery({ ...hostPolicy(host ?? ''), enabled: host !== undefined });
  if (against === 'newest') return <Diff before={kept.text} after={text} label={t('policy.changes')} />;
  if (host !== undefined) return <Await query={there}>{(data) => (data.text == null ? <p className="note is-warn">{t(`answers.${data.answer.status}`)}</p> : <Diff before={data.text} after={text} label={t('policy.changes')} />)}</Await>;
  return <Await query={earlier}>{(data) => <Diff before={data.text} after={text} label={t('policy.changes')} />}</Await>;
}

/** Closing the window must not lose an edit in silence. */
function useLeaveWarning(active: boolean) {
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [active]);
}
