// A panel whose content the hosts themselves were asked for: who answered and who did not stands above it, and it can be asked again.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostAnswer } from '../api/client';
import { Answers } from './Answers';
import { Panel } from './Panel';
import { Await } from './states';

interface Query<T> {
  data: T | undefined;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

export function AskedPanel<T>({ title, query, answers, tools, children }: { title: string; query: Query<T>; answers: (data: T) => HostAnswer[]; tools?: ReactNode; children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  return (
    <Panel
      title={title}
      tools={
        <>
          {tools}
          <Button variant="default" onClick={() => void query.refetch()} disabled={query.isFetching}>
            {t('action.again')}
          </Button>
        </>
      }
    >
      <Await query={query}>
        {(data) => (
          <div className="dialog">
            <Answers answers={answers(data)} />
            {children(data)}
          </div>
        )}
      </Await>
    </Panel>
  );
}
