// The end of every dialog that changes something: a reason, the button, what went wrong.
import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNote } from './states';

interface Props {
  confirm: string;
  destroys?: boolean;
  disabled?: boolean;
  close: () => void;
  /** Resolves when it is done or ordered; what it throws is shown. */
  act: (reason: string) => Promise<void>;
}

export function ReasonForm({ confirm, destroys, disabled, close, act }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await act(reason);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="dialog" onSubmit={(event) => void submit(event)}>
      <Textarea label={t('respond.reason')} description={t('respond.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} rows={2} required withAsterisk={false} data-autofocus />
      {error !== undefined && <FailureNote error={error} />}
      <div className="buttons">
        <Button variant="default" onClick={close}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" {...(destroys ? { className: 'destroys' } : { variant: 'filled' })} disabled={busy || disabled || reason.trim() === ''} data-testid="confirm">
          {confirm}
        </Button>
      </div>
    </form>
  );
}
