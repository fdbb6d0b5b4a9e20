// What to do next, in words, with a button where the console can do it. No step acts without its dialog.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ResponseAction, Schema } from '../../api/client';
import { me } from '../../api/queries';
import { Panel } from '../../parts/Panel';
import { Empty } from '../../parts/states';
import { Said } from './Said';

export function NextSteps({ steps, act }: { steps: Schema['NextStep'][]; act: (action: ResponseAction) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const viewer = useQuery(me).data?.role === 'viewer';
  return (
    <Panel title={t('next.title')}>
      {steps.length === 0 ? (
        <Empty text={t('next.none')} />
      ) : (
        <ul className="steps">
          {steps.map(({ sentence, action }, index) => (
            <li key={index}>
              <span className="wrap">
                <Said sentence={sentence} show={() => undefined} plain />
              </span>
              {action?.kind === 'hunt' && (
                <Button variant="default" onClick={() => void navigate({ to: '/hunt', search: { sql: action.sql } })}>
                  {t('next.hunt')}
                </Button>
              )}
              {(action?.kind === 'kill_tree' || action?.kind === 'quarantine') && (
                <Button variant="default" disabled={viewer} onClick={() => act(action)}>
                  {t(`respond.${action.kind}`)}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
