// A question put together by choosing: which columns, which conditions, how far back, counted or listed. It writes SQL, which stays
// visible and can be changed by hand.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { huntSchema } from '../../api/queries';
import { Await } from '../../parts/states';
import { Dialog } from '../../shell/Dialog';
import { type Condition, type Operator, operatorsFor, type Question, sqlOf, wrong } from './builder';

const usual = ['timestamp', 'host_name', 'process_name', 'process_command_line', 'user_name', 'process_entity_id'];

export function Builder({ done, close }: { done: (sql: string) => void; close: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(huntSchema);
  return (
    <Dialog title={t('builder.title')} close={close} size={760}>
      <Await query={query}>{(schema) => <Form schema={schema} done={done} close={close} />}</Await>
    </Dialog>
  );
}

function Form({ schema, done, close }: { schema: Schema['HuntSchema']; done: (sql: string) => void; close: () => void }) {
  const { t } = useTranslation();
  const [table, setTable] = useState(schema.tables[0]?.name ?? 'events');
  const columns = schema.tables.find((one) => one.name === table)?.columns ?? [];
  const types = new Map(columns.map((column) => [column.name, column.type]));
  const [question, setQuestion] = useState<Question>({ table, columns: usual.filter((one) => types.has(one)), conditions: [{ column: types.has('event_action') ? 'event_action' : (columns[0]?.name ?? ''), operator: 'is', value: types.has('event_action') ? 'process-exec' : '' }], any: false, hours: 24, count: false, limit: 500 });
  const change = (part: Partial<Question>) => setQuestion((old) => ({ ...old, ...part }));
  const edit = (index: number, part: Partial<Condition>) => change({ conditions: question.conditions.map((one, at) => (at === index ? { ...one, ...part } : one)) });
  const faults = wrong(question, types);
  const sql = sqlOf(question, types);
  const names = columns.map((column) => ({ value: column.name, label: column.name }));
  const anotherTable = (next: string) => {
    const fields = schema.tables.find((one) => one.name === next)?.columns ?? [];
    setTable(next);
    change({ table: next, columns: fields.slice(0, 5).map((column) => column.name), conditions: [] });
  };
  return (
    <form
      className="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        done(sql);
      }}
    >
      <div className="filters">
        <NativeSelect label={t('builder.from')} value={table} data={schema.tables.map((one) => ({ value: one.name, label: one.name }))} onChange={(event) => anotherTable(event.currentTarget.value)} />
        <NativeSelect label={t('builder.since')} value={String(question.hours)} data={[1, 24, 168, 720, 0].map((hours) => ({ value: String(hours), label: hours === 0 ? t('builder.ever') : hours === 1 ? t('builder.hour') : t('policy.days', { count: hours / 24 }) }))} onChange={(event) => change({ hours: Number(event.currentTarget.value) })} />
        <TextInput label={t('builder.limit')} type="number" value={question.limit} min={1} max={schema.max_rows} onChange={(event) => change({ limit: Math.min(Math.max(Number(event.currentTarget.value) || 1, 1), schema.max_rows) })} />
        <label className="check">
          <input type="checkbox" checked={question.count} onChange={(event) => change({ count: event.currentTarget.checked })} data-testid="builder-count" />
          {t('builder.count')}
        </label>
      </div>
      <fieldset className="choices">
        <legend>{t('builder.where')}</legend>
        {question.conditions.length > 1 && (
          <div className="switch" role="group" aria-label={t('builder.join')}>
            <button type="button" aria-pressed={!question.any} onClick={() => change({ any: false })}>
              {t('builder.all')}
            </button>
            <button type="button" aria-pressed={question.any} onClick={() => change({ any: true })}>
              {t('builder.any')}
            </button>
          </div>
        )}
        {question.conditions.map((condition, index) => (
          <div className="condition" key={index} data-testid="condition">
            <NativeSelect aria-label={t('builder.column')} value={condition.column} data={names} onChange={(event) => edit(index, { column: event.currentTarget.value, operator: 'is' })} />
            <NativeSelect aria-label={t('builder.operator')} value={condition.operator} data={operatorsFor(types.get(condition.column)).map((one) => ({ value: one, label: t(`builder.operators.${one}`) }))} onChange={(event) => edit(index, { operator: event.currentTarget.value as Operator })} />
            {condition.operator !== 'known' && condition.operator !== 'unknown' && <TextInput aria-label={t('builder.value')} value={condition.value} onChange={(event) => edit(index, { value: event.currentTarget.value })} error={faults.includes(index) && t('builder.wrong')} />}
            <button type="button" className="icon-button" aria-label={t('builder.remove', { column: condition.column })} title={t('builder.remove', { column: condition.column })} onClick={() => change({ conditions: question.conditions.filter((_, at) => at !== index) })}>
              <IconTrash size={15} aria-hidden />
            </button>
          </div>
        ))}
        <div>
          <Button variant="default" onClick={() => change({ conditions: [...question.conditions, { column: columns[0]?.name ?? '', operator: 'is', value: '' }] })}>
            {t('builder.add')}
          </Button>
        </div>
      </fieldset>
      <fieldset className="choices">
        <legend>{t(question.count ? 'builder.by' : 'builder.columns')}</legend>
        <ul className="is-limited is-grid" tabIndex={0}>
          {columns
            .filter((column) => column.name !== 'labels')
            .map((column) => (
              <li key={column.name}>
                <label className="check mono" title={column.description}>
                  <input type="checkbox" checked={question.columns.includes(column.name)} onChange={(event) => change({ columns: event.currentTarget.checked ? [...question.columns, column.name] : question.columns.filter((one) => one !== column.name) })} />
                  {column.name}
                </label>
              </li>
            ))}
        </ul>
      </fieldset>
      <pre className="pre" tabIndex={0} aria-label={t('hunt.query')} data-testid="built">
        {sql}
      </pre>
      <div className="buttons">
        <Button variant="default" onClick={close}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" variant="filled" disabled={faults.length > 0 || (question.columns.length === 0 && !question.count)} data-testid="use-built">
          {t('builder.use')}
        </Button>
      </div>
    </form>
  );
}
