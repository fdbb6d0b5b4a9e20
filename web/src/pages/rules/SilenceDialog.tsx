// Silences alerts by rule, host and fields, with a reason and an end.
import { Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { HostSelect } from '../../parts/Filters';
import { ReasonForm } from '../../parts/ReasonForm';
import { Dialog } from '../../shell/Dialog';
import { fieldsOf } from './fields';

const longest = 366;

export function SilenceDialog({ rule: begin, close }: { rule: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [rule, setRule] = useState(begin);
  const [host, setHost] = useState<string>();
  const [text, setText] = useState('');
  const [days, setDays] = useState(30);
  const [stops, setStops] = useState(false);
  const { fields, fault } = fieldsOf(text);
  const empty = rule.trim() === '' && Object.keys(fields).length === 0;
  const act = async (reason: string) => {
    await ask(api.POST('/api/v1/rules/suppressions', { body: { rule: rule.trim() || null, host_id: host ?? null, fields, days, stops, reason } }));
    for (const key of ['suppressions', 'rule-history']) await client.invalidateQueries({ queryKey: [key] });
    close();
  };
  return (
    <Dialog title={t('silence.title')} close={close} size={600}>
      <div className="dialog">
        <p>{t('silence.hint')}</p>
        <TextInput label={t('silence.rule')} description={t('silence.ruleHint')} value={rule} onChange={(event) => setRule(event.currentTarget.value)} data-testid="silence-rule" />
        <HostSelect value={host} change={setHost} />
        <Textarea className="sql" label={t('silence.fields')} description={t('silence.fieldsHint')} value={text} onChange={(event) => setText(event.currentTarget.value)} rows={3} spellCheck={false} error={fault !== undefined && t('silence.badField', { line: fault })} data-testid="silence-fields" />
        <TextInput label={t('silence.days')} type="number" min={1} max={longest} value={days} onChange={(event) => setDays(Math.min(Math.max(Number(event.currentTarget.value) || 1, 1), longest))} />
        <label className="check">
          <input type="checkbox" checked={stops} onChange={(event) => setStops(event.currentTarget.checked)} />
          {t('silence.holdStops')}
        </label>
        <p className={stops ? 'note is-warn' : 'muted'}>{t(stops ? 'silence.stopsText.held' : 'silence.stopsText.happen')}</p>
        <ReasonForm confirm={t('proposals.accept')} disabled={empty || fault !== undefined} close={close} act={act} />
      </div>
    </Dialog>
  );
}
