// What became of a command, live: queued, sent, done, failed, expired.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { command } from '../api/queries';
import { useFormat } from '../i18n/format';
import { Hostile } from './Hostile';
import { Await } from './states';

const settled = ['done', 'failed', 'expired'];

export function CommandResult({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  // The stream brings the result; asking as well covers a stream that is down just now.
  const query = useQuery({ ...command(id), refetchInterval: (one) => (settled.includes(one.state.data?.status ?? '') ? false : 2000) });
  return (
    <Await query={query}>
      {(data) => (
        <div className={`note ${data.status === 'failed' || data.status === 'expired' ? 'is-error' : ''}`} role="status" data-testid="command" data-status={data.status}>
          <p className="strong">{t(`command.${data.status}`)}</p>
          {data.detail && (
            <p className="wrap">
              <Hostile text={data.detail} limit={600} />
            </p>
          )}
          {data.finished && <p className="muted time">{format.time(data.finished)}</p>}
        </div>
      )}
    </Await>
  );
}
