// What the node asked by itself and found: the hypotheses with what speaks for and against each, then every question with its
// answer, its evidence and the query that gave it.
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type IncidentDetail, type Schema } from '../../api/client';
import { incident as incidentQuery, me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Empty, FailureNote } from '../../parts/states';
import { Hypotheses } from './Hypotheses';
import { Proof } from './Said';

/** Questions shown before the rest is asked for. */
const shownAtFirst = 12;

type Show = (ids: readonly string[]) => void;

export function Asked({ detail, show }: { detail: IncidentDetail; show: Show }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const client = useQueryClient();
  const viewer = useQuery(me).data?.role === 'viewer';
  const { id } = detail.incident;
  const again = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/incidents/{id}/investigate', { params: { path: { id } } })),
    onSuccess: (investigation) => client.setQueryData<IncidentDetail>(incidentQuery(id).queryKey, (old) => old && { ...old, investigation }),
  });
  const asked = detail.investigation;
  return (
    <Panel
      title={t('asked.title')}
      tools={
        <Button variant="default" disabled={viewer} loading={again.isPending} onClick={() => again.mutate()} data-testid="investigate">
          {t(asked ? 'asked.again' : 'asked.now')}
        </Button>
      }
    >
      {again.isError && <FailureNote error={again.error} />}
      {!asked ? (
        <Empty text={t('asked.none')} />
      ) : (
        <div className="asked" data-testid="asked">
          <p className="conclusion">
            <Hostile text={said(asked.conclusion)} limit={700} />
          </p>
          <p className="more">
            {t('asked.spent', { time: format.time(asked.finished), duration: format.duration(asked.spent.elapsed_ms), hunts: format.number(asked.spent.hunts), collections: format.number(asked.spent.collections) })}
            {asked.left_out > 0 && <> · {t('asked.leftOut', { count: asked.left_out, formatted: format.number(asked.left_out) })}</>}
          </p>
          <Hypotheses all={asked.hypotheses} show={show} />
          <Questions answers={asked.answers} show={show} />
        </div>
      )}
    </Panel>
  );
}

function Questions({ answers, show }: { answers: Schema['Answered'][]; show: Show }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [all, setAll] = useState(false);
  // What decided something first; the order of the catalogue otherwise.
  const telling = (one: Schema['Answered']) => Object.values(one.weights).reduce((sum, weight) => sum + Math.abs(weight), 0);
  const sorted = [...answers].sort((a, b) => telling(b) - telling(a));
  const shown = all ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <>
      <h3>{t('asked.questions')}</h3>
      <ul className="questions">
        {shown.map((answered, index) => (
          <Question key={`${answered.question_id} ${index}`} answered={answered} show={show} />
        ))}
      </ul>
      {sorted.length > shown.length && (
        <Button variant="default" onClick={() => setAll(true)} data-testid="all-questions">
          {t('list.more', { count: sorted.length - shown.length, formatted: format.number(sorted.length - shown.length) })}
        </Button>
      )}
    </>
  );
}

function Question({ answered, show }: { answered: Schema['Answered']; show: Show }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const navigate = useNavigate();
  const { sql, alerts, rows, columns, notes } = answered;
  return (
    <li className={answered.state === 'unanswered' ? 'is-open' : undefined}>
      <p className="question">
        <Hostile text={said(answered.question)} limit={400} />
      </p>
      <p className="answer">
        <Hostile text={said(answered.answer)} limit={700} />
      </p>
      <p className="links">
        <span>{t(`asked.method.${answered.method}`)}</span>
        <Proof ids={alerts} show={show} />
        {sql && (
          <button type="button" className="link" onClick={() => void navigate({ to: '/hunt', search: { sql } })}>
            {t('next.hunt')}
          </button>
        )}
      </p>
      {(rows.length > 0 || notes.length > 0) && (
        <details>
          <summary>{rows.length === 0 ? t('asked.looked') : t('asked.found', { count: answered.count, formatted: `${format.number(answered.count)}${answered.truncated ? '+' : ''}` })}</summary>
          {rows.length > 0 && (
            <div className="rows" tabIndex={0} role="region" aria-label={said(answered.question)}>
              <table>
                <thead>
                  <tr>
                    {columns.map((column) => (
                      <th key={column} scope="col">
                        <Hostile text={column} limit={60} />
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row, index) => (
                    <tr key={index}>
                      {row.map((cell, at) => (
                        <td key={at}>
                          <Hostile text={cell} limit={300} code />
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {notes.map((note) => (
            <p key={note} className="more">
              <Hostile text={note} limit={300} />
            </p>
          ))}
        </details>
      )}
    </li>
  );
}
