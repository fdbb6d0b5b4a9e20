// One order to one host: what it is about and a reason before it, what became of it after.
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CommandResult } from './CommandResult';
import { ReasonForm } from './ReasonForm';

interface Props {
  confirm: string;
  destroys?: boolean;
  disabled?: boolean;
  /** Stands above the reason until it is ordered. */
  children?: ReactNode;
  /** Stands below what became of it. */
  after?: (command: string, reason: string) => ReactNode;
  close: () => void;
  /** Orders it; the command's id. */
  act: (reason: string) => Promise<string | undefined>;
}

export function Order({ confirm, destroys, disabled, children, after, close, act }: Props) {
  const { t } = useTranslation();
  const [sent, setSent] = useState<{ id: string; reason: string }>();
  const order = async (reason: string) => {
    const id = await act(reason);
    if (id !== undefined) setSent({ id, reason });
  };
  if (!sent)
    return (
      <div className="dialog">
        {children}
        <ReasonForm confirm={confirm} {...(destroys ? { destroys } : {})} {...(disabled ? { disabled } : {})} close={close} act={order} />
      </div>
    );
  return (
    <div className="dialog">
      <CommandResult id={sent.id} />
      {after?.(sent.id, sent.reason)}
      <div className="buttons">
        <Button variant="filled" onClick={close}>
          {t('action.close')}
        </Button>
      </div>
    </div>
  );
}
