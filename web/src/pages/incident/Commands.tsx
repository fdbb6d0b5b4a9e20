import { useTranslation } from 'react-i18next';
import type { Command } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { Panel } from '../../parts/Panel';

/** What was done from this incident, by whom, why, and what became of it. */
export function Commands({ commands }: { commands: Command[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t('commands.title')}>
      <div className="scroll-x" tabIndex={0} role="group" aria-label={t('commands.title')}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('column.time')}</th>
              <th scope="col">{t('column.action')}</th>
              <th scope="col">{t('respond.target')}</th>
              <th scope="col">{t('column.result')}</th>
              <th scope="col">{t('column.by')}</th>
              <th scope="col">{t('respond.reason')}</th>
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
