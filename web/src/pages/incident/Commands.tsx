import { useTranslation } from 'react-i18next';
import type { Command } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';
import { PlainTable } from '../../parts/PlainTable';

/** What was done from this incident, by whom, why, and what became of it. */
export function Commands({ commands }: { commands: Command[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t('commands.title')}>
      <PlainTable label={t('commands.title')} heads={[t('column.time'), t('column.action'), t('respond.target'), t('column.result'), t('column.by'), t('respond.reason')]}>
        {commands.map((command) => (
          <tr key={command.id}>
            <td className="time">{format.time(command.created)}</td>
            <td className="nowrap">{t(`commandKind.${command.kind}`)}</td>
            <td className="wrap">
              <Hostile code text={command.target} limit={200} />
            </td>
            <td className="wrap">
              <span className="strong">{t(`command.${command.status}`)}</span> {command.detail && <Hostile text={command.detail} limit={300} />}
            </td>
            <td>
              <Hostile text={command.requested_by} limit={60} />
            </td>
            <td className="wrap">
              <Hostile text={command.reason} limit={300} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Panel>
  );
}
