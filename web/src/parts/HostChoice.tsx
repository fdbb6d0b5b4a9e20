// Which hosts: a list of boxes, with who is away said beside the name.
import { useTranslation } from 'react-i18next';
import { Hostile } from './Hostile';

export interface ChoosableHost {
  id: string;
  name: string;
  connected: boolean;
  note?: string;
}

export function HostChoice({ hosts, chosen, change, label }: { hosts: ChoosableHost[]; chosen: ReadonlySet<string>; change: (chosen: Set<string>) => void; label: string }) {
  const { t } = useTranslation();
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    change(next);
  };
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      <ul>
        {hosts.map((host) => (
          <li key={host.id}>
            <label className="check">
              <input type="checkbox" checked={chosen.has(host.id)} onChange={(event) => toggle(host.id, event.currentTarget.checked)} data-host={host.name} />
              <Hostile text={host.name} limit={80} />
              {!host.connected && <span className="chip is-warn">{t('answers.offline')}</span>}
              {host.note && <span className="muted">{host.note}</span>}
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
