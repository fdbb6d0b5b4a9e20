// One change in full: attributes before and after, the diff, and who did it.
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { IntegrityChange } from '../api/client';
import { useFormat } from '../i18n/format';
import { Facts } from '../parts/Facts';
import { Hostile } from '../parts/Hostile';
import { Panel } from '../parts/Panel';

export function IntegrityDetail({ change, close }: { change: IntegrityChange; close: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { who } = change;
  return (
    <Panel
      title={t('integrity.detail')}
      className="integrity-detail"
      tools={
        <Button variant="default" onClick={close}>
          {t('action.close')}
        </Button>
      }
    >
      <div className="columns">
        <Facts
          items={[
            [t('integrity.file'), <Hostile key="path" code text={change.path} />],
            [t('integrity.from'), change.from && <Hostile code text={change.from} />],
            [t('column.time'), format.time(change.time)],
            [t('integrity.why'), <Hostile key="why" text={change.why} limit={500} />],
            [t('integrity.rule'), change.rule && <Hostile code text={change.rule} />],
            [t('integrity.package'), change.package && <Hostile text={change.package} limit={1000} />],
            [t('integrity.transaction'), change.transaction && <Hostile code text={change.transaction} limit={1000} />],
          ]}
        />
        {who ? (
          <Facts
            items={[
              [t('column.process'), <Hostile key="command" code text={who.command_line} limit={1000} />],
              [t('integrity.program'), <Hostile key="program" code text={`${who.executable} (${who.pid})`} />],
              [t('integrity.parent'), who.lineage.length === 0 && who.parent ? <Hostile code text={who.parent} limit={500} /> : undefined],
              [t('integrity.lineage'), who.lineage.length > 0 ? <Lineage lines={who.lineage} /> : undefined],
              [t('column.user'), who.user && <Hostile text={who.user} />],
              [t('integrity.login'), who.login && <Hostile text={who.session ? `${who.login} (${who.session})` : who.login} />],
              [t('integrity.unit'), who.unit && <Hostile text={who.unit} />],
              [t('integrity.container'), who.container && <Hostile text={who.image ? `${who.container} (${who.image})` : who.container} />],
            ]}
          />
        ) : (
          <p className="muted">{t(`integrity.unseen.${change.found}`)}</p>
        )}
      </div>
      {change.changed.length > 0 && (
        <table className="before-after">
          <thead>
            <tr>
              <th scope="col">{t('integrity.attribute')}</th>
              <th scope="col">{t('integrity.before')}</th>
              <th scope="col">{t('integrity.after')}</th>
            </tr>
          </thead>
          <tbody>
            {change.changed.map((one) => (
              <tr key={one.attribute}>
                <th scope="row">{one.attribute}</th>
                <td>
                  <Hostile code text={one.before} limit={300} />
                </td>
                <td>
                  <Hostile code text={one.after} limit={300} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {change.paths.length > 0 && (
        <ul className="mono" aria-label={t('integrity.paths')}>
          {change.paths.map((path, index) => (
            <li key={index}>
              <Hostile code text={path} />
            </li>
          ))}
        </ul>
      )}
      {change.diff && <Diff text={change.diff} />}
      {change.diff_note && (
        <p className="muted">
          <Hostile text={change.diff_note} />
        </p>
      )}
    </Panel>
  );
}

/** The processes above, nearest first. */
function Lineage({ lines }: { lines: string[] }) {
  return (
    <ol className="lineage mono">
      {lines.map((line, index) => (
        <li key={index}>
          <Hostile code text={line} limit={300} />
        </li>
      ))}
    </ol>
  );
}

/** The sign before each line says what it is; colour only helps. */
function Diff({ text }: { text: string }) {
  const { t } = useTranslation();
  const kind = (line: string) => (line.startsWith('@@') || line.startsWith('---') || line.startsWith('+++') ? 'at' : line.startsWith('+') ? 'plus' : line.startsWith('-') ? 'minus' : '');
  return (
    <pre className="diff" tabIndex={0} aria-label={t('integrity.diff')}>
      {text
        .replace(/\n$/, '')
        .split('\n')
        .map((line, index) => (
          <div key={index} className={kind(line)}>
            <Hostile text={line === '' ? ' ' : line} />
          </div>
        ))}
    </pre>
  );
}
