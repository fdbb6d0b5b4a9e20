// Puts a rule on the node, or changes it there: what is different, under which name, and why. What cannot be used changes nothing.
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { Diff } from '../../parts/Diff';
import { Hostile } from '../../parts/Hostile';
import { ReasonForm } from '../../parts/ReasonForm';
import { Dialog } from '../../shell/Dialog';
import { idOf, isName, nameOnNode, withId } from './node';
import { Rejected } from './Rejected';

interface Props {
  /** None for a new rule. */
  summary: Schema['RuleSummary'] | undefined;
  onNode: Schema['NodeRuleDetail'] | undefined;
  file: string;
  text: string;
  close: () => void;
}

export function SaveDialog({ summary, onNode, file, text: edited, close }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const there = onNode?.rule ?? undefined;
  // What began from a rule that hosts have must not be taken for it.
  const [own] = useState(() => crypto.randomUUID());
  const copied = summary !== undefined && !there && idOf(edited) === summary.id;
  const text = copied ? withId(edited, own) : edited;
  const [name, setName] = useState(there?.name ?? nameOnNode(file, summary?.builtin ?? false));
  const [search, setSearch] = useState(true);
  const [rejected, setRejected] = useState<Schema['RejectedRule'][]>([]);
  const act = async (reason: string) => {
    setRejected([]);
    const added = await ask(api.POST('/api/v1/rules/node', { body: { rules: [{ name, text }], reason, base: there?.version ?? 0, only_new_events: !search } }));
    if (added.rejected.length > 0) return setRejected(added.rejected);
    const id = idOf(text);
    for (const key of ['rules', 'rule', 'node-rules']) await client.invalidateQueries({ queryKey: [key] });
    close();
    if (id === undefined) void navigate({ to: '/rules', search: { state: 'node' } });
    else void navigate({ to: '/rules/$id', params: { id } });
  };
  return (
    <Dialog title={there ? t('nodeRule.change') : t('nodeRule.title')} close={close} size={760}>
      <div className="dialog">
        <p>{t('nodeRule.what')}</p>
        {copied && <p className="note">{t('nodeRule.newId')}</p>}
        {there ? (
          <p className="pre">
            <Hostile text={there.name} limit={200} />
          </p>
        ) : (
          <TextInput label={t('nodeRule.name')} description={t('nodeRule.nameHint')} value={name} onChange={(event) => setName(event.currentTarget.value)} error={!isName(name) && t('problem.invalid')} data-testid="rule-name" />
        )}
        {there && <Diff before={there.text} after={text} label={t('policy.changes')} />}
        <label className="check">
          <input type="checkbox" checked={search} onChange={(event) => setSearch(event.currentTarget.checked)} />
          {t('nodeRule.search')}
        </label>
        {rejected.length > 0 && (
          <div role="alert" className="dialog" data-testid="rejected">
            <p>{t('nodeRule.rejected')}</p>
            <Rejected rejected={rejected} />
          </div>
        )}
        <ReasonForm confirm={t(there ? 'nodeRule.change' : 'nodeRule.put')} disabled={!isName(name) || text.trim() === ''} close={close} act={act} />
      </div>
    </Dialog>
  );
}
