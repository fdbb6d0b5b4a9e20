// What closing the case as harmless proposes: which alerts would be silenced, on which hosts, until when. A person decides.
import { Button, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { incident as incidentQuery, me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { FailureNote } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';

type Suppression = Schema['Suppression'];
type Choice = { kind: 'accept' | 'remove'; one: Suppression };

export function Proposals({ id, proposals }: { id: string; proposals: Suppression[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [choice, setChoice] = useState<Choice | null>(null);
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
      {choice && <Decide id={id} choice={choice} close={() => setChoice(null)} />}
    </Panel>
  );
}

function Decide({ id, choice, close }: { id: string; choice: Choice; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const options = { params: { path: { id: choice.one.id } }, body: { reason } };
    try {
      await ask(choice.kind === 'accept' ? api.POST('/api/v1/rules/suppressions/{id}/accept', options) : api.POST('/api/v1/rules/suppressions/{id}/remove', options));
      await client.invalidateQueries({ queryKey: incidentQuery(id).queryKey });
      close();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={t(choice.kind === 'accept' ? 'proposals.accept' : 'proposals.remove')} close={close}>
      <form className="dialog" onSubmit={(event) => void submit(event)}>
        <p>{t('proposals.what')}</p>
        <Textarea label={t('respond.reason')} description={t('respond.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} rows={2} required withAsterisk={false} />
        {error !== undefined && <FailureNote error={error} />}
        <div className="buttons">
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" variant="filled" disabled={reason.trim() === ''} data-testid="confirm">
            {t(choice.kind === 'accept' ? 'proposals.accept' : 'proposals.remove')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
