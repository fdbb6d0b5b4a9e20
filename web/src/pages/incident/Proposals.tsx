// What closing the case as harmless proposes: which alerts would be silenced, on which hosts, until when. A person decides.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { DecideDialog, type Decision } from '../rules/DecideDialog';

type Suppression = Schema['Suppression'];

export function Proposals({ proposals }: { proposals: Suppression[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [choice, setChoice] = useState<Decision | null>(null);
  return (
    <Panel title={t('proposals.title')}>
      <ul className="steps" data-testid="proposals">
        {proposals.map((one) => (
          <li key={one.id}>
            <div className="wrap">
              <p>
                {t('proposals.rule')} <Hostile text={one.rule} limit={200} code />
              </p>
              <p className="more">
                {Object.entries(one.fields ?? {}).map(([name, value]) => (
                  <span key={name}>
                    <Hostile text={`${name} = ${value}`} limit={300} code />{' '}
                  </span>
                ))}
                · {one.host_id ? t('proposals.thisHost') : t('proposals.everyHost')} · {t('proposals.until', { time: format.time(one.expires) })}
              </p>
            </div>
            <div className="buttons">
              <Button variant="default" disabled={viewer} onClick={() => setChoice({ kind: 'accept', one })} data-testid="accept">
                {t('proposals.accept')}
              </Button>
              <Button variant="default" disabled={viewer} onClick={() => setChoice({ kind: 'remove', one })}>
                {t('proposals.remove')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {choice && <DecideDialog decision={choice} close={() => setChoice(null)} />}
    </Panel>
  );
}
