// What it may be: one row each, against to the left and for to the right, with every vote below.
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';
import { Proof } from './Said';

export function Hypotheses({ all, show }: { all: Schema['Weighed'][]; show: (ids: readonly string[]) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const most = Math.max(1, ...all.flatMap((one) => [one.support, one.against]));
  return (
    <>
      <h3>{t('asked.hypotheses')}</h3>
      <ul className="hypotheses">
        {all.map((one) => (
          <li key={one.id}>
            <details>
              <summary>
                <span className="name">{said(one.name)}</span>
                <svg className="scales" viewBox="-100 0 200 12" preserveAspectRatio="none" role="img" aria-label={t('asked.sides', { support: format.number(one.support), against: format.number(one.against) })}>
                  <rect className="against" x={(-100 * one.against) / most} y="1" width={(100 * one.against) / most} height="10" />
                  <rect className="for" x="0" y="1" width={(100 * one.support) / most} height="10" />
                  <path className="middle" d="M0 0V12" />
                </svg>
                <span className="sides" aria-hidden>
                  {t('asked.sides', { support: format.number(one.support), against: format.number(one.against) })}
                </span>
              </summary>
              <ul className="votes">
                {one.reasons.map((vote, index) => (
                  <li key={index}>
                    <span className="weight">{vote.weight > 0 ? `+${vote.weight}` : `−${-vote.weight}`}</span>
                    <span className="wrap">
                      <Hostile text={said(vote.because)} limit={400} />
                      <Proof ids={vote.alerts} show={show} />
                    </span>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
