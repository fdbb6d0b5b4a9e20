// One incident: what happened in five answers, the graph of it, the story, the proof, and what to do.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail, ResponseAction } from '../../api/client';
import { incident as incidentQuery } from '../../api/queries';
import { Await } from '../../parts/states';
import { ActionDialog } from './ActionDialog';
import { Asked } from './Asked';
import { Commands } from './Commands';
import { Evidence } from './Evidence';
import { Files } from './Files';
import { Header } from './Header';
import { Investigation } from './Investigation';
import { Proposals } from './Proposals';
import { ResolveDialog } from './ResolveDialog';
import { Story } from './Story';
import { Strip } from './Strip';
import { Timeline } from './Timeline';
import { firstTarget, targets } from './targets';

const route = getRouteApi('/shell/incidents/$id');

export function Incident() {
  const { id } = route.useParams();
  const query = useQuery(incidentQuery(id));
  return <Await query={query}>{(detail) => <Page key={id} detail={detail} />}</Await>;
}

type Open = { kind: ResponseAction['kind']; first?: ResponseAction } | { kind: 'resolve' } | null;

function Page({ detail }: { detail: IncidentDetail }) {
  const { t } = useTranslation();
  const { incident } = detail;
  const [open, setOpen] = useState<Open>(null);
  const [chosen, setChosen] = useState<string | undefined>(() => firstChoice(detail));
  const [proof, setProof] = useState<readonly string[] | null>(useAlertOfAddress());
  const evidence = useRef<HTMLDivElement>(null);

  const show = useCallback((ids: readonly string[]) => {
    setProof(ids);
    requestAnimationFrame(() => {
      evidence.current?.scrollIntoView({ block: 'start' });
      evidence.current?.querySelector<HTMLElement>('summary, button, h2')?.focus({ preventScroll: true });
    });
  }, []);
  useEffect(() => {
    if (proof) evidence.current?.scrollIntoView({ block: 'start' });
    // Once, for an address that names an alert.
  }, []);
  const act = (action: ResponseAction) => setOpen({ kind: action.kind, first: action });
  const close = () => setOpen(null);
  return (
    <div className="page" data-testid="incident">
      <Header incident={incident} ask={(kind) => setOpen({ kind })} />
      {detail.proposals.length > 0 && <Proposals proposals={detail.proposals} />}
      <Strip incident={incident} show={show} act={act} />
      <Investigation detail={detail} chosen={chosen} choose={setChosen} act={act} show={show} />
      <Story sentences={incident.sentences} show={show} />
      <Asked detail={detail} show={show} />
      <Timeline entries={incident.timeline} graph={incident.graph} choose={setChosen} show={show} />
      <Files detail={detail} suggested={pathOf(detail, chosen)} />
      {detail.commands.length > 0 && <Commands commands={detail.commands} />}
      <div ref={evidence} style={{ scrollMargin: 12 }}>
        <Evidence alerts={detail.alerts} total={incident.alert_count} proof={proof} showAll={() => setProof(null)} />
      </div>
      {open?.kind === 'resolve' && <ResolveDialog incident={incident} close={close} />}
      {(open?.kind === 'kill_tree' || open?.kind === 'quarantine') && (
        <ActionDialog title={t(`respond.${open.kind}`)} incident={incident.id} targets={targets(incident, open.kind)} first={open.first ?? firstTarget(incident, open.kind, chosen)} close={close} />
      )}
    </div>
  );
}

/** The first link out of the ordinary, or else what the gravest alert points at. */
function firstChoice({ incident }: IncidentDetail): string | undefined {
  return incident.how.entry ?? incident.graph.nodes.find((node) => node.entry)?.id ?? incident.root_cause.at(-1)?.node ?? incident.graph.nodes[0]?.id;
}

/** Of the chosen file or program, to be taken into the case. */
function pathOf({ incident }: IncidentDetail, chosen: string | undefined): string {
  const node = incident.graph.nodes.find((one) => one.id === chosen);
  return node?.path ?? (node?.process?.fileless ? '' : (node?.process?.executable ?? ''));
}

function useAlertOfAddress(): readonly string[] | null {
  const hash = useRouterState({ select: (state) => state.location.hash });
  return hash.startsWith('alert-') ? [hash.slice('alert-'.length)] : null;
}
