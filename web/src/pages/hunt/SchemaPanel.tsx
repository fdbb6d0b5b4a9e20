import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { huntSchema } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { Panel } from '../../parts/Panel';
import { Await } from '../../parts/states';

/** Tables and columns that a query may name; a click writes the name into the query. */
export function SchemaPanel({ insert }: { insert: (text: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(huntSchema);
  const [text, setText] = useState('');
  return (
    <Panel title={t('hunt.schema')} className="schema" flush>
      <div className="body">
        <input className="mantine-Input-input" aria-label={t('hunt.findColumn')} placeholder={t('hunt.findColumn')} value={text} onChange={(event) => setText(event.currentTarget.value)} style={{ width: '100%', height: 28, padding: '0 8px', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius)' }} />
      </div>
      <Await query={query}>
        {(schema) => (
          <>
            {schema.tables.map((table) => (
              <section key={table.name} aria-label={table.name}>
                <h3 style={{ padding: '4px 11px' }} className="mono">
                  {table.name}
                </h3>
                <ul>
                  {table.columns
                    .filter((column) => column.name.includes(text.trim().toLowerCase()))
                    .map((column) => (
                      <li key={column.name}>
                        <button type="button" onClick={() => insert(column.name)} title={column.description}>
                          <span className="clip">{column.name}</span>
                          <span className="type">{column.type}</span>
                        </button>
                      </li>
                    ))}
                </ul>
              </section>
            ))}
            <p className="muted" style={{ padding: 11 }}>
              {t('hunt.limits', { rows: format.number(schema.max_rows), seconds: format.number(schema.max_seconds) })}
            </p>
          </>
        )}
      </Await>
    </Panel>
  );
}
