import { FailureNote } from '../parts/states';
import { Dialog } from './Dialog';

/** A failure of something that has no place of its own on the page. */
export function FailureDialog({ title, error, close }: { title: string; error: unknown; close: () => void }) {
  return (
    <Dialog title={title} close={close}>
      <FailureNote error={error} />
    </Dialog>
  );
}
