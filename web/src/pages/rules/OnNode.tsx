// A rule on the node: what its search through history came to, what it said before and who changed it; and the way to take it off.
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { me } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Diff } from '../../parts/Diff';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { ReasonDialog } from '../../parts/ReasonDialog';
import { Searched } from './Searched';

export function OnNode({ detail, edit }: { detail: Schema['NodeRuleDetail']; edit: (text: string) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const viewer = useQuery(me).data?.role === 'viewer';
  const [removing, setRemoving] = useState(false);
  const { rule, versions } = detail;
  const remove = async (reason: string) => {
    await ask(api.DELETE('/api/v1/rules/node/{name}', { params: { path: { name: rule?.name ?? '' }, query: { reason } } }));
    for (const key of ['rules', 'rule', 'node-rules']) await client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <Panel
      title={t('nodeRule.versions')}
      tools={
        rule && (
          <Button variant="default" disabled={viewer} onClick={() => setRemoving(true)} data-testid="remove-rule">
            {t('nodeRule.remove')}
          </Button>
        )
      }
    >
      <div className="dialog">
        {rule ? <Searched history={rule.history} /> : <p className="note is-warn">{t('nodeRule.gone')}</p>}
        <ol className="samples" data-testid="versions">
          {versions.map((version, index) => (
            <Version key={version.version} version={version} before={versions[index + 1]?.text ?? ''} edit={edit} />
          ))}
        </ol>
      </div>
      {removing && (
        <ReasonDialog title={t('nodeRule.remove')} destroys act={remove} close={() => setRemoving(false)}>
          <p>{t('nodeRule.removeText')}</p>
        </ReasonDialog>
      )}
    </Panel>
  );
}

function Version({ version, before, edit }: { version: Schema['NodeRuleVersion']; before: string; edit: (text: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <li className="dialog">
      <p className="wrap">
        <strong>{t('nodeRule.version', { version: version.version })}</strong> {version.removed && <span className="chip is-warn">{t('nodeRule.removed')}</span>} <span className="time muted">{format.time(version.time)}</span> · <Hostile text={version.by} limit={60} />
        {version.reason !== '' && (
          <>
            {' · '}
            <Hostile text={version.reason} limit={300} />
          </>
        )}
      </p>
      {!version.removed && (
        <p className="chips">
          <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('nodeRule.show')}
          </button>
          <button type="button" className="link" onClick={() => edit(version.text)}>
            {t('nodeRule.bring')}
          </button>
        </p>
      )}
      {open && <Diff before={before} after={version.text} label={t('nodeRule.version', { version: version.version })} />}
    </li>
  );
}
