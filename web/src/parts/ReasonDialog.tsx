import type { ReactNode } from 'react';
import { Dialog } from '../shell/Dialog';
import { ReasonForm } from './ReasonForm';

/** What something means, and why one does it. It shuts when `act` resolves; what that throws is shown. */
export function ReasonDialog({ title, children, destroys, close, act }: { title: string; children: ReactNode; destroys?: boolean; close: () => void; act: (reason: string) => Promise<void> }) {
  return (
    <Dialog title={title} close={close}>
      <div className="dialog">
        {children}
        <ReasonForm confirm={title} {...(destroys ? { destroys } : {})} close={close} act={async (reason) => (await act(reason), close())} />
      </div>
    </Dialog>
  );
}
