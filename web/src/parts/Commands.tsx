// What became of several orders, one a host, each live.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Command } from '../api/client';
import { CommandResult } from './CommandResult';
import { Hostile } from './Hostile';

export function SentCommands({ commands, nameOf, close, children }: { commands: Command[]; nameOf: (host: string) => string; close: () => void; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="dialog" data-testid="sent">
      {commands.map((command) => (
        <section key={command.id}>
          <h3>
            <Hostile text={nameOf(command.host_id)} limit={80} />
          </h3>
          <CommandResult id={command.id} />
        </section>
      ))}
      <div className="buttons">
        {children}
        <Button variant="filled" onClick={close}>
          {t('action.close')}
        </Button>
      </div>
    </div>
  );
}
