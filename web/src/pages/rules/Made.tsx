// What people made of a rule: how its cases were closed, what is silenced of it, and who changed what about it.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { me } from '../../api/queries';
import { ruleHistory } from '../../api/protection';
import { useFormat } from '../../i18n/format';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Await } from '../../parts/states';
import { SilenceDialog } from './SilenceDialog';

export function Made({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(ruleHistory(id));
  const viewer = useQuery(me).data?.role === 'viewer';
  const [silencing, setSilencing] = useState(false);
  return (
    <Panel
      title={t('precision.title')}
      tools={
        <Button variant="default" disabled={viewer} onClick={() => setSilencing(true)} data-testid="silence">
          {t('silence.new')}
        </Button>
      }
    >
      <Await query={query}>
        {({ items }) => {
          const one = items[0];
          if (!one) return <p className="muted">{t('precision.none')}</p>;
          return (
            <div className="dialog">
              <p className="strong">{one.precision == null ? t('precision.undecided') : t('precision.decided', { percent: format.percent(one.precision) })}</p>
              <Facts
                items={[
                  [t('precision.true_positive'), format.number(one.true_positive)],
                  [t('precision.benign'), format.number(one.benign)],
                  [t('precision.false_positive'), format.number(one.false_positive)],
                  [t('precision.open'), format.number(one.undecided)],
                  [t('precision.suppressed'), format.number(one.suppressed)],
                ]}
              />
              {one.changes.length > 0 && (
                <section>
                  <h3>{t('precision.changes')}</h3>
                  <ul className="samples">
                    {one.changes.map((change, index) => (
                      <li key={index} className="wrap">
                        <span className="time muted">{format.time(change.time)}</span> <Hostile text={change.actor} limit={60} /> · <span className="mono">{change.action}</span> <Hostile text={change.detail} limit={400} />
                      </li>
                    ))}
                  </ul>
                </section>
              )}
            </div>
          );
        }}
      </Await>
      {silencing && <SilenceDialog rule={id} close={() => setSilencing(false)} />}
    </Panel>
  );
}
