// Learn, lock, or no longer trust: said in words what it does, then ordered with a reason.
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { Hostile } from '../../parts/Hostile';
import { Order } from '../../parts/Order';
import { Dialog } from '../../shell/Dialog';
import { useLockOrder } from './order';

type Open = { kind: 'untrust'; what: string } | { kind: 'learn' } | { kind: 'lock' };
const modes = ['observe', 'alert', 'enforce'] as const;

export function ChangeDialog({ host, open, close }: { host: string; open: Open; close: () => void }) {
  const { t } = useTranslation();
  const order = useLockOrder(host);
  const [mode, setMode] = useState<(typeof modes)[number]>('observe');
  const change: Schema['LockdownChange'] = open.kind === 'lock' ? { kind: 'lock', mode, days: null } : open.kind === 'untrust' ? { kind: 'untrust', what: open.what } : { kind: 'learn' };
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
        <Order confirm={title} destroys={open.kind === 'lock' && mode === 'enforce'} close={close} act={(reason) => order(change, reason)}>
          {open.kind === 'lock' && (
            <>
              <NativeSelect label={t('lockdown.mode')} value={mode} data={modes.map((one) => ({ value: one, label: t(`mode.${one}`) }))} onChange={(event) => setMode(event.currentTarget.value as (typeof modes)[number])} />
              <p className={mode === 'enforce' ? 'note is-warn' : 'muted'}>{t(`lockdown.modeText.${mode}`)}</p>
            </>
          )}
        </Order>
      </div>
    </Dialog>
  );
}
