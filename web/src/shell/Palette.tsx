// Ctrl-K: go to a page, a host or an open incident by typing part of its name.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hosts, overview } from '../api/queries';
import { useSaid } from '../i18n/said';
import { Hostile } from '../parts/Hostile';
import { Dialog } from './Dialog';
import { pages } from './shortcuts';

interface Goal {
  id: string;
  name: string;
  kind: string;
  go: () => void;
}
const most = 30;

export function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const goals = useGoals();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => goals.filter((goal) => goal.name.toLowerCase().includes(text.trim().toLowerCase())).slice(0, most), [goals, text]);
  const choose = (goal: Goal | undefined) => {
    if (!goal) return;
    close();
    goal.go();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t('palette.title')} close={close}>
      <div className="palette">
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[at] ? `goal-${found[at].id}` : undefined}
          aria-label={t('palette.title')}
          placeholder={t('palette.hint')}
          value={text}
          onChange={(event) => (setText(event.target.value), setAt(0))}
          onKeyDown={onKey}
        />
        {found.length === 0 ? (
          <p className="empty">{t('palette.none')}</p>
        ) : (
          <ul id="palette-list" role="listbox" aria-label={t('palette.title')} tabIndex={-1}>
            {found.map((goal, index) => (
              <li key={goal.id} id={`goal-${goal.id}`} role="option" aria-selected={index === at} onClick={() => choose(goal)} onMouseMove={() => setAt(index)}>
                <span className="clip">
                  <Hostile text={goal.name} />
                </span>
                <span className="muted nowrap">{goal.kind}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function useGoals(): Goal[] {
  const { t } = useTranslation();
  const said = useSaid();
  const { navigate } = useRouter();
  const open = useQuery(overview).data?.open_incidents ?? [];
  const every = useQuery(hosts).data?.items ?? [];
  return [
    ...pages.map(({ name, to }): Goal => ({ id: name, name: t(`nav.${name}`), kind: t('palette.page'), go: () => void navigate({ to }) })),
    ...open.map((one): Goal => ({ id: one.id, name: `${one.id} ${said(one.title)}`, kind: t('palette.incident'), go: () => void navigate({ to: '/incidents/$id', params: { id: one.id } }) })),
    ...every.map((one): Goal => ({ id: one.id, name: one.name, kind: t('palette.host'), go: () => void navigate({ to: '/hosts/$id', params: { id: one.id } }) })),
  ];
}
