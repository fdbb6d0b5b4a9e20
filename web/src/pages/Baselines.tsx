// What is normal: of the fleet, of hosts of one role, or of one host (asked of it now). Who does what and how often, what was
// seen least, what connects in a rhythm, and what was told because of it.
import { getRouteApi } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Baseline, BaselineHabit, BaselineSubject, BaselineView } from '../api/client';
import { baselines } from '../api/queries';
import { useFormat } from '../i18n/format';
import { Answers } from '../parts/Answers';
import { Facts } from '../parts/Facts';
import { ChoiceSelect, HostSelect, SearchField } from '../parts/Filters';
import { Hostile } from '../parts/Hostile';
import { Panel } from '../parts/Panel';
import { Severity, severityOf } from '../parts/Severity';
import { Await, Empty } from '../parts/states';
import { WeekHours } from './WeekHours';

const route = getRouteApi('/shell/baselines');
const relations = ['programs', 'starts', 'user_starts', 'talks', 'names', 'logins', 'reaches', 'writes'] as const;

export function Baselines() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(baselines(search));
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const roles = query.data?.roles ?? [];
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.baselines')}</h1>
      </div>
      <div className="filters" role="search" aria-label={t('filter.label')}>
        <SearchField label={t('baselines.subject')} value={search.text} change={(text) => set({ text })} />
        <ChoiceSelect
          label={t('baselines.relation')}
          value={search.relation ?? ''}
          choices={[{ value: '', label: t('filter.any') }, ...relations.map((name) => ({ value: name as string, label: t(`baselines.of.${name}`) }))]}
          change={(relation) => set({ relation: relations.find((name) => name === relation) })}
        />
        <ChoiceSelect
          label={t('baselines.role')}
          value={search.role ?? ''}
          choices={[{ value: '', label: t('baselines.fleet') }, ...roles.map((role) => ({ value: role.name, label: t('baselines.roleOf', { name: role.name, count: role.hosts }) }))]}
          change={(role) => set({ role, host: undefined })}
        />
        <HostSelect value={search.host} change={(host) => set({ host, role: undefined })} />
      </div>
      <Await query={query}>{(view) => <View view={view} />}</Await>
    </div>
  );
}

function View({ view }: { view: BaselineView }) {
  const { t } = useTranslation();
  return (
    <>
      {view.answer && view.answer.status !== 'answered' && <Answers answers={[view.answer]} />}
      {view.baseline ? <Learned baseline={view.baseline} /> : <Empty text={t('baselines.none')} />}
    </>
  );
}

function Learned({ baseline }: { baseline: Baseline }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Panel title={t('baselines.state')}>
        <p className={baseline.learning ? 'note is-warn' : 'muted'}>{t(baseline.learning ? 'baselines.learning' : 'baselines.learned', { days: baseline.learn_days })}</p>
        <Facts
          items={[
            [t('baselines.since'), baseline.acts > 0 ? format.time(baseline.began) : null],
            [t('baselines.acts'), format.number(baseline.acts)],
            [t('baselines.kept'), t('baselines.keptText', { subjects: format.number(baseline.subjects_kept), items: format.number(baseline.items_kept), size: format.bytes(baseline.bytes) })],
            [t('baselines.forgotten'), t('baselines.forgottenText', { subjects: format.number(baseline.subjects_forgotten), items: format.number(baseline.items_forgotten) })],
          ]}
        />
      </Panel>
      {baseline.told.length > 0 && <ToldList baseline={baseline} />}
      <Subjects subjects={baseline.subjects} />
      <Rarest habits={baseline.rarest} />
      {baseline.rhythms.length > 0 && <Rhythms baseline={baseline} />}
    </>
  );
}

function ToldList({ baseline }: { baseline: Baseline }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table title={t('baselines.told')} heads={[t('column.time'), t('column.severity'), t('baselines.what'), t('baselines.why')]}>
      {baseline.told.map((one, at) => (
        <tr key={`${one.time} ${at}`}>
          <td className="time">{format.time(one.time)}</td>
          <td>
            <Severity severity={severityOf(one.severity)} />
          </td>
          <td className="wrap">
            <Hostile text={one.name} limit={120} />
          </td>
          <td className="wrap">
            <Hostile text={one.detail} limit={600} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Subjects({ subjects }: { subjects: BaselineSubject[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState<string>();
  if (subjects.length === 0) return <Empty text={t('baselines.none')} />;
  return (
    <Table title={t('baselines.habits')} heads={[t('baselines.relation'), t('baselines.subject'), t('baselines.count'), t('baselines.different'), t('baselines.days'), t('baselines.often')]}>
      {subjects.map((one) => {
        const key = `${one.relation} ${one.name}`;
        const shown = open === key;
        return [
          <tr key={key}>
            <td className="nowrap">{t(`baselines.of.${one.relation}`)}</td>
            <td className="wrap">
              <button type="button" className="link" aria-expanded={shown} onClick={() => setOpen(shown ? undefined : key)}>
                <Hostile code text={one.name} limit={160} />
              </button>
            </td>
            <td className="num">{format.number(one.total)}</td>
            <td className="num">{format.number(one.distinct)}</td>
            <td className="num">{format.number(one.days)}</td>
            <td className="wrap">
              {one.items.slice(0, shown ? 40 : 3).map((habit) => (
                <div key={habit.item}>
                  <Hostile code text={habit.item} limit={160} /> <span className="muted">{t('baselines.times', { count: habit.count, times: format.number(habit.count) })}</span>
                </div>
              ))}
            </td>
          </tr>,
          shown && (
            <tr key={`${key} hours`}>
              <td colSpan={6}>
                <WeekHours hours={one.hours} />
              </td>
            </tr>
          ),
        ];
      })}
    </Table>
  );
}

function Rarest({ habits }: { habits: BaselineHabit[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (habits.length === 0) return null;
  return (
    <Table title={t('baselines.rarest')} heads={[t('baselines.relation'), t('baselines.subject'), t('baselines.item'), t('baselines.seen'), t('baselines.hosts'), t('baselines.first'), t('baselines.last')]}>
      {habits.map((one) => (
        <tr key={`${one.relation} ${one.subject} ${one.item}`}>
          <td className="nowrap">{t(`baselines.of.${one.relation}`)}</td>
          <td className="wrap">
            <Hostile code text={one.subject} limit={160} />
          </td>
          <td className="wrap">
            <Hostile code text={one.item} limit={160} />
          </td>
          <td className="nowrap">{t('baselines.seenOf', { count: format.number(one.count), total: format.number(one.total) })}</td>
          <td className="num">{format.number(one.hosts)}</td>
          <td className="time">{format.time(one.first)}</td>
          <td className="time">{format.time(one.last)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Rhythms({ baseline }: { baseline: Baseline }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table title={t('baselines.rhythms')} heads={[t('column.process'), t('baselines.to'), t('baselines.period'), t('baselines.jitter'), t('baselines.count'), t('baselines.first')]}>
      {baseline.rhythms.map((one) => (
        <tr key={`${one.program} ${one.to}`}>
          <td className="wrap">
            <Hostile code text={one.program} limit={160} />
          </td>
          <td className="wrap">
            <Hostile code text={one.to} limit={80} />
          </td>
          <td className="num nowrap">{format.duration(one.period_seconds * 1000)}</td>
          <td className="num">{format.number(one.jitter_percent)} %</td>
          <td className="num">{format.number(one.count)}</td>
          <td className="time">{format.time(one.first)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Table({ title, heads, children }: { title: string; heads: string[]; children: React.ReactNode }) {
  return (
    <Panel title={title}>
      <div className="scroll-x" tabIndex={0} role="group" aria-label={title}>
        <table className="plain">
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </Panel>
  );
}
