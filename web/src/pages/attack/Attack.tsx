// The ATT&CK matrix of Linux and containers: which techniques could be told of, and which were. A cell opens what is behind it.
import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { attackMatrix } from '../../api/protection';
import { useFormat } from '../../i18n/format';
import { Facts } from '../../parts/Facts';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { Severity, severityOf } from '../../parts/Severity';
import { Await } from '../../parts/states';
import { KindWord } from '../rules/words';
import { families, type Show, sums } from './cells';
import { Matrix } from './Matrix';

const route = getRouteApi('/shell/attack');
const spans = [24, 168, 720, 2160] as const;

export function Attack() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const hours = spans.find((one) => String(one) === search.hours) ?? 168;
  const show: Show = search.show === 'told' ? 'told' : 'coverage';
  const query = useQuery(attackMatrix(hours));
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const layer = (kind: Show) => `/api/v1/attack/layer?${new URLSearchParams({ kind, hours: String(hours) }).toString()}`;
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.attack')}</h1>
        <div className="switch" role="group" aria-label={t('attack.show')}>
          {(['coverage', 'told'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={show === one} onClick={() => set({ show: one === 'told' ? 'told' : undefined })} data-show={one}>
              {t(`attack.${one}`)}
            </button>
          ))}
        </div>
        <NativeSelect aria-label={t('policy.over')} value={String(hours)} data={spans.map((one) => ({ value: String(one), label: t('attack.days', { count: one / 24 }) }))} onChange={(event) => set({ hours: event.currentTarget.value === '168' ? undefined : event.currentTarget.value })} />
        <div className="actions">
          {(['coverage', 'told'] as const).map((one) => (
            <Button key={one} component="a" href={layer(one)} download variant="default">
              {t(`attack.export.${one}`)}
            </Button>
          ))}
        </div>
      </div>
      <Await query={query}>{(matrix) => <Body matrix={matrix} show={show} chosen={search.technique} choose={(technique) => set({ technique })} />}</Await>
    </div>
  );
}

function Body({ matrix, show, chosen, choose }: { matrix: Schema['AttackMatrix']; show: Show; chosen: string | undefined; choose: (technique: string | undefined) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = useMemo(() => matrix.tactics.map(({ tactic, techniques }) => ({ tactic, families: families(techniques) })), [matrix]);
  const total = useMemo(() => sums(matrix), [matrix]);
  const technique = chosen === undefined ? undefined : [...matrix.tactics.flatMap((tactic) => tactic.techniques), ...matrix.other].find((one) => one.id === chosen);
  return (
    <>
      <p className="muted" data-testid="attack-sum">
        {t('attack.sum', { covered: format.number(total.covered), all: format.number(total.all), told: format.number(total.told), seen: format.number(total.seen) })}
        {!matrix.events_known && <> {t('attack.eventsUnknown')}</>}
      </p>
      <div className="legend-list" aria-hidden>
        {show === 'coverage'
          ? legend.coverage.map((step) => (
              <span key={step}>
                <span className={`swatch is-coverage step-${step}`} /> {t(`attack.legend.coverage.${step}`)}
              </span>
            ))
          : legend.told.map((step) => (
              <span key={step}>
                <span className={`swatch is-told step-${step}`} /> {t(`attack.legend.told.${step}`)}
              </span>
            ))}
      </div>
      {technique && <Detail technique={technique} rules={matrix.rules} close={() => choose(undefined)} />}
      <Matrix columns={columns} show={show} chosen={chosen} choose={choose} />
      {matrix.other.length > 0 && <p className="muted">{t('attack.other', { list: format.list(matrix.other.map((one) => one.id)) })}</p>}
      <p className="muted" lang="en">
        {matrix.notice}
      </p>
    </>
  );
}

const legend = { coverage: ['none', 'few', 'some', 'many'], told: ['none', 'seen', 'low', 'medium', 'high', 'critical'] } as const;

function Detail({ technique, rules, close }: { technique: Schema['AttackTechnique']; rules: Schema['AttackRule'][]; close: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = technique.rules.flatMap((place) => rules[place] ?? []);
  return (
    <Panel
      title={t('attack.technique')}
      tools={
        <Button variant="default" onClick={close}>
          {t('action.close')}
        </Button>
      }
    >
      <div className="columns" data-testid="technique">
        <div className="dialog">
          <h3>
            <span className="mono">{technique.id}</span> {technique.name}
          </h3>
          <Facts
            items={[
              [t('attack.alerts'), format.number(technique.alerts)],
              [t('attack.events'), format.number(technique.events)],
              [t('attack.gravest'), technique.severity && <Severity severity={severityOf(technique.severity)} />],
              [t('rule.last'), technique.last && <span className="time">{format.time(technique.last)}</span>],
            ]}
          />
          <p className="chips">
            <Link to="/alerts" search={{ technique: technique.id }}>
              {t('attack.openAlerts')}
            </Link>
            <Link to="/hunt" search={{ sql: huntFor(technique.id) }}>
              {t('next.hunt')}
            </Link>
          </p>
        </div>
        <div>
          <h3>{t('attack.rules', { count: named.length, formatted: format.number(named.length) })}</h3>
          {named.length === 0 && <p className="muted">{t('attack.noRules')}</p>}
          <ul className="samples is-limited" tabIndex={0} aria-label={t('attack.rules', { count: named.length, formatted: format.number(named.length) })}>
            {named.map((rule) => (
              <li key={rule.id}>
                <Link to="/rules/$id" params={{ id: rule.id }}>
                  <Hostile text={rule.title} limit={160} />
                </Link>{' '}
                <span className="muted">
                  <KindWord kind={rule.kind} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Panel>
  );
}

/** Ids hold letters, digits and a dot only; anything else never reaches the query. */
const huntFor = (id: string) => `SELECT timestamp, host_name, process_name, process_command_line, user_name, label('rule_name') AS rule\nFROM events\nWHERE (' ' || label('threat_technique_id') || ' ') LIKE '% ${id.replace(/[^T\d.]/g, '')} %'\nORDER BY timestamp DESC\nLIMIT 500`;

