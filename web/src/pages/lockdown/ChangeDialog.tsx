// Learn, lock, or no longer trust: said in words what it does, then ordered with a reason.
import { Button, NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schema } from '../../api/client';
import { CommandResult } from '../../parts/CommandResult';
import { Hostile } from '../../parts/Hostile';
import { ReasonForm } from '../../parts/ReasonForm';
import { Dialog } from '../../shell/Dialog';

type Open = { kind: 'untrust'; what: string } | { kind: 'learn' } | { kind: 'lock' };
const modes = ['observe', 'alert', 'enforce'] as const;

export function ChangeDialog({ host, open, close }: { host: string; open: Open; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [mode, setMode] = useState<(typeof modes)[number]>('observe');
  const [sent, setSent] = useState<string>();
  const change: Schema['LockdownChange'] = open.kind === 'lock' ? { kind: 'lock', mode, days: null } : open.kind === 'untrust' ? { kind: 'untrust', what: open.what } : { kind: 'learn' };
  const act = async (reason: string) => {
    const command = await ask(api.POST('/api/v1/hosts/{id}/lockdown', { params: { path: { id: host } }, body: { change, reason } }));
    setSent(command.id);
    void client.invalidateQueries({ queryKey: ['lockdown'] });
  };
  const title = t(`lockdown.${open.kind}`);
  return (
    <Dialog title={title} close={close}>
      <div className="dialog">
        <p>{t(`lockdown.${open.kind}Text`)}</p>
        {open.kind === 'untrust' && (
          <div className="pre">
            <Hostile text={open.what} limit={600} />
          </div>
        )}
        {sent ? (
          <>
            <CommandResult id={sent} />
            <div className="buttons">
              <Button variant="filled" onClick={close}>
                {t('action.close')}
              </Button>
            </div>
          </>
        ) : (
          <>
            {open.kind === 'lock' && (
              <NativeSelect label={t('lockdown.mode')} value={mode} data={modes.map((one) => ({ value: one, label: t(`mode.${one}`) }))} onChange={(event) => setMode(event.currentTarget.value as (typeof modes)[number])} />
            )}
            {open.kind === 'lock' && <p className={mode === 'enforce' ? 'note is-warn' : 'muted'}>{t(`lockdown.modeText.${mode}`)}</p>}
            <ReasonForm confirm={title} destroys={open.kind === 'lock' && mode === 'enforce'} close={close} act={act} />
          </>
        )}
      </div>
    </Dialog>
  );
}
