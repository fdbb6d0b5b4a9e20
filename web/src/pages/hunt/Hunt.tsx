// Questions in SQL over every stored event. Read-only by the node; refusals and errors are worded, with their line and column.
import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type SavedQuery } from '../../api/client';
import { me, savedQueries } from '../../api/queries';
import { en } from '../../i18n/en';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Empty, FailureNote, Loading } from '../../parts/states';
import { printable } from '../../text/printable';
import { Builder } from './Builder';
import { Results } from './Results';
import { SaveDialog } from './SaveDialog';
import { SchemaPanel } from './SchemaPanel';

/** Known by the names the node gives them; one that a newer node brings keeps its own. */
const builtins = Object.keys(en.builtin) as (keyof typeof en.builtin)[];

const route = getRouteApi('/shell/hunt');
const firstQuery = `SELECT timestamp, host_name, process_name, process_command_line, user_name
FROM events
WHERE event_category = 'process'
ORDER BY timestamp DESC
LIMIT 100`;

export function Hunt() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [sql, setSql] = useState(search.sql ?? firstQuery);
  const [saving, setSaving] = useState(false);
  const [building, setBuilding] = useState(false);
  const [loaded, setLoaded] = useState<SavedQuery>();
  const viewer = useQuery(me).data?.role === 'viewer';
  const field = useRef<HTMLTextAreaElement>(null);
  const run = useMutation({ mutationFn: (text: string) => ask(api.POST('/api/v1/hunt', { body: { sql: text, limit: 10_000 } })) });
  const start = (text: string) => {
    setSql(text);
    run.mutate(text);
    void navigate({ search: { sql: text }, replace: true });
  };
  // A link may carry a question; it is shown, and run only by hand.
  useEffect(() => {
    if (search.sql !== undefined) setSql(search.sql);
  }, [search.sql]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start(sql);
  };
  const insert = (text: string) => {
    const element = field.current;
    if (!element) return;
    element.setRangeText(text, element.selectionStart, element.selectionEnd, 'end');
    setSql(element.value);
    element.focus();
  };
  return (
    <div className="page fills" style={{ gridTemplateRows: 'auto 1fr' }}>
      <div className="head">
        <h1>{t('nav.hunt')}</h1>
        <span className="muted">{t('hunt.hint')}</span>
      </div>
      <div className="hunt">
        <div className="left">
          <SavedList choose={(query) => (setLoaded(query), start(query.sql))} viewer={viewer} />
          <Panel title={t('hunt.query')}>
            <div className="dialog">
              <Textarea ref={field} className="sql" aria-label={t('hunt.query')} value={sql} onChange={(event) => setSql(event.currentTarget.value)} onKeyDown={onKey} rows={7} spellCheck={false} autoCapitalize="off" data-page-search data-testid="sql" />
              <div className="chips">
                <Button variant="filled" onClick={() => start(sql)} disabled={run.isPending || sql.trim() === ''} data-testid="run">
                  {t('hunt.run')}
                </Button>
                <Button variant="default" onClick={() => setBuilding(true)} data-testid="build">
                  {t('builder.title')}
                </Button>
                <Button variant="default" onClick={() => setSaving(true)} disabled={sql.trim() === '' || viewer} data-testid="save-query">
                  {t('hunt.save')}
                </Button>
                <span className="muted" style={{ alignSelf: 'center' }}>
                  <kbd>Ctrl</kbd> <kbd>Enter</kbd>
                </span>
              </div>
            </div>
          </Panel>
          <section className="panel" aria-label={t('hunt.results')} aria-live="polite" style={{ display: 'flex', flexDirection: 'column', minHeight: 0 }} data-testid="results">
            {run.isPending ? <Loading /> : run.error ? <FailureNote error={run.error} /> : run.data ? <Results key={run.submittedAt} result={run.data} /> : <Empty text={t('hunt.notRun')} />}
          </section>
        </div>
        <SchemaPanel insert={insert} />
      </div>
      {building && <Builder close={() => setBuilding(false)} done={(built) => (setBuilding(false), start(built))} />}
      {saving && <SaveDialog sql={sql} of={loaded?.builtin ? undefined : loaded} saved={setLoaded} close={() => setSaving(false)} />}
    </div>
  );
}

function SavedList({ choose, viewer }: { choose: (query: SavedQuery) => void; viewer: boolean }) {
  const { t } = useTranslation();
  const query = useQuery(savedQueries);
  const nameOf = (saved: SavedQuery) => {
    const key = saved.builtin ? builtins.find((one) => en.builtin[one] === saved.name) : undefined;
    return key ? t(`builtin.${key}`) : saved.name;
  };
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/api/v1/saved-queries/{id}', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: savedQueries.queryKey }),
  });
  if (query.error || remove.error) return <FailureNote error={query.error ?? remove.error} />;
  return (
    <ul className="saved" aria-label={t('hunt.saved')}>
      {(query.data?.items ?? []).map((saved) => (
        <li key={saved.id}>
          <button type="button" onClick={() => choose(saved)} title={saved.description}>
            <Hostile text={nameOf(saved)} limit={60} />
          </button>
          {!saved.builtin && !viewer && (
            <button type="button" onClick={() => remove.mutate(saved.id)} aria-label={t('hunt.remove', { name: printable(saved.name) })} title={t('hunt.remove', { name: printable(saved.name) })}>
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
