// File by file what was or would be done; what does not come back stands on top.
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { Hostile } from '../../parts/Hostile';
import { PlainTable } from '../../parts/PlainTable';
import { Empty } from '../../parts/states';
import { counted } from './counted';

const warned: Schema['Undone'][] = ['failed', 'beside'];
const most = 500;

export function Report({ report }: { report: Schema['RollbackReport'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report.files.length === 0) return <Empty text={t('recovery.nothing')} />;
  return (
    <div className="dialog" data-testid="rollback-report" data-preview={report.preview}>
      <p className="chips">
        {counted(report.files).map(([done, count]) => (
          <span key={done} className={`chip ${warned.includes(done) ? 'is-warn' : ''}`}>
            {t(`recovery.${report.preview ? 'would' : 'did'}.${done}`)} {format.number(count)}
          </span>
        ))}
      </p>
      <PlainTable label={t('recovery.byFile')} heads={[t('column.result'), t('column.file'), [t('column.size')], t('column.detail')]} limited>
        {report.files.slice(0, most).map((file, index) => (
          <tr key={`${index} ${file.path}`}>
            <td className="nowrap">
              <span className={warned.includes(file.done) ? 'chip is-warn' : 'chip'}>{t(`recovery.${report.preview ? 'would' : 'did'}.${file.done}`)}</span>
            </td>
            <td className="wrap">
              <Hostile code text={file.path} limit={300} />
            </td>
            <td className="num nowrap">{format.bytes(file.bytes)}</td>
            <td className="wrap">
              <Hostile text={file.detail} limit={200} />
            </td>
          </tr>
        ))}
      </PlainTable>
      {report.files.length + report.left_out > most && <p className="muted">{t('list.andMore', { count: report.files.length + report.left_out - most })}</p>}
    </div>
  );
}
