// What to do next, in words, with a button where the console can do it. No step acts without its dialog.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResponseAction, Schema } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Panel } from '../../parts/Panel';
import { Empty } from '../../parts/states';
import { Said } from './Said';

/** Steps that stand above the graph; the rest on demand. */
const first = 4;

export function NextSteps({ steps, act, show }: { steps: Schema['NextStep'][]; act: (action: ResponseAction) => void; show: (ids: readonly string[]) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [all, setAll] = useState(false);
  const shown = all ? steps : steps.slice(0, first);
  return (
    <Panel title={t('next.title')}>
      {steps.length === 0 ? (
        <Empty text={t('next.none')} />
      ) : (
        <ol className="steps" data-testid="next-steps">
          {shown.map(({ sentence, action }, index) => (
            <li key={index}>
              <span className="wrap">
                <Said sentence={sentence} show={show} />
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
        </ol>
      )}
      {steps.length > shown.length && (
        <p className="foot-more">
          <button type="button" className="link" onClick={() => setAll(true)} data-testid="all-steps">
            {t('list.more', { count: steps.length - shown.length, formatted: format.number(steps.length - shown.length) })}
          </button>
        </p>
      )}
    </Panel>
  );
}
