// The matrix itself: a column a tactic, a button a technique, sub-techniques folded behind it. What the colour says stands in the
// button's name too.
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { known } from '../../parts/hostWords';
import { type Family, type Show, shade, tactics, together } from './cells';

interface Props {
  columns: { tactic: string; families: Family[] }[];
  show: Show;
  chosen: string | undefined;
  choose: (technique: string) => void;
}

export function Matrix({ columns, show, chosen, choose }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  return (
    <div className="matrix" role="group" aria-label={t('nav.attack')} tabIndex={0} data-testid="matrix">
      {columns.map(({ tactic, families }) => (
        <section key={tactic} aria-label={tactic}>
          <h2>
            <TacticName tactic={tactic} />
          </h2>
          <ul>
            {families.map((family) => (
              <Item key={family.head.id} family={family} show={show} chosen={chosen} choose={choose} open={open.has(`${tactic} ${family.head.id}`)} toggle={() => toggle(`${tactic} ${family.head.id}`)} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Item({ family, show, chosen, choose, open, toggle }: { family: Family; show: Show; chosen: string | undefined; choose: (technique: string) => void; open: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  const { head, subs } = family;
  return (
    <li>
      <div className="cell-line">
        <Cell technique={head} figures={together(family)} show={show} chosen={chosen === head.id} choose={choose} />
        {subs.length > 0 && (
          <button type="button" className="fold" aria-expanded={open} aria-label={t('attack.subs', { id: head.id, count: subs.length })} title={t('attack.subs', { id: head.id, count: subs.length })} onClick={toggle}>
            {open ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
          </button>
        )}
      </div>
      {open && (
        <ul className="subs">
          {subs.map((sub) => (
            <li key={sub.id}>
              <Cell technique={sub} figures={sub} show={show} chosen={chosen === sub.id} choose={choose} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

type Figures = ReturnType<typeof together>;

function Cell({ technique, figures, show, chosen, choose }: { technique: Schema['AttackTechnique']; figures: Figures; show: Show; chosen: boolean; choose: (technique: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = show === 'coverage' ? t('attack.rules', { count: figures.rules.length, formatted: format.number(figures.rules.length) }) : t('attack.toldOf', { alerts: format.number(figures.alerts), events: format.number(figures.events) });
  const count = show === 'coverage' ? figures.rules.length : figures.alerts;
  return (
    <button type="button" className={`cell is-${show} step-${shade(figures, show)}`} aria-pressed={chosen} onClick={() => choose(technique.id)} title={`${technique.id} ${technique.name}: ${said}`} data-technique={technique.id}>
      <span className="name">{technique.name}</span>
      <span className="visually-hidden">{said}</span>
      {count > 0 && (
        <span className="count" aria-hidden>
          {format.short(count)}
        </span>
      )}
    </button>
  );
}

function TacticName({ tactic }: { tactic: string }) {
  const { t } = useTranslation();
  const word = known(tactics, tactic);
  return <>{word ? t(`tactic.${word}`) : tactic}</>;
}
