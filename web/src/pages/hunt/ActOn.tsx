// The buttons above an answer: end the processes, put away the files of the rows that are chosen.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HuntResult, ResponseAction } from '../../api/client';
import { hosts, me } from '../../api/queries';
import { ActDialog } from './ActDialog';
import { actionsOf, type Places } from './targets';

export function ActOn({ rows, places }: { rows: HuntResult['rows']; places: Places }) {
  const { t } = useTranslation();
  const every = useQuery(hosts).data?.items ?? [];
  const viewer = useQuery(me).data?.role === 'viewer';
  const [open, setOpen] = useState<{ kind: ResponseAction['kind']; actions: ResponseAction[] }>();
  const kinds: ResponseAction['kind'][] = [...(places.entity >= 0 ? (['kill_tree'] as const) : []), ...(places.path >= 0 ? (['quarantine'] as const) : [])];
  return (
    <>
      {kinds.map((kind) => {
        const actions = actionsOf(kind, rows, places, every);
        return (
          <Button key={kind} variant="default" disabled={viewer || actions.length === 0} onClick={() => setOpen({ kind, actions })} data-testid={`hunt-${kind}`}>
            {t(`respond.${kind}`)}
            {actions.length > 0 && ` (${actions.length})`}
          </Button>
        );
      })}
      {open && <ActDialog kind={open.kind} actions={open.actions} close={() => setOpen(undefined)} />}
    </>
  );
}
