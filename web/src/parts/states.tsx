// What a page shows when it has nothing to show: loading, empty, failed. A failure is worded, never shown as emptiness.
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Failure } from '../api/client';
import { Hostile } from './Hostile';

export function Loading() {
  const { t } = useTranslation();
  return (
    <p className="empty" role="status">
      {t('state.loading')}
    </p>
  );
}

export function Empty({ text }: { text: string }) {
  return <p className="empty">{text}</p>;
}

export function FailureNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const failure = error instanceof Failure ? error : new Failure('internal', error instanceof Error ? error.message : String(error));
  return (
    <div className="note is-error" role="alert">
      <p>
        <strong>{t(`problem.${failure.code}`)}</strong>
      </p>
      {failure.detail && (
        <p className="muted wrap">
          <Hostile text={failure.detail} limit={1000} />
        </p>
      )}
      {failure.problem?.line != null && (
        <p className="muted">{t('problem.at', { line: failure.problem.line, column: failure.problem.column ?? 1 })}</p>
      )}
      {failure.code === 'not_signed_in' && (
        <p>
          <a href={`/login?${new URLSearchParams({ to: location.pathname + location.search }).toString()}`}>{t('signIn.again')}</a>
        </p>
      )}
      {retry && (
        <p>
          <Button variant="default" onClick={retry}>
            {t('action.retry')}
          </Button>
        </p>
      )}
    </div>
  );
}

export function PageFailure({ error, reset }: { error: unknown; reset?: () => void }) {
  return (
    <div className="page" style={{ padding: 16 }}>
      <FailureNote error={error} retry={reset ?? (() => location.reload())} />
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="sign-in">
      <div>
        <h1>{t('state.notFound')}</h1>
        <p>
          <a href="/">{t('nav.overview')}</a>
        </p>
      </div>
    </main>
  );
}

/** One of loading, failed or the content; keeps old content while it is refreshed. */
export function Await<T>({ query, children }: { query: { data: T | undefined; error: unknown; refetch: () => unknown }; children: (data: T) => React.ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <FailureNote error={query.error} retry={() => void query.refetch()} />;
  return <Loading />;
}
