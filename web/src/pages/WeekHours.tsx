// When a program or a user is at work: 24 hours of working days above 24 of weekends, the fuller the darker. Each cell says its
// number, so that colour is never alone.
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format';

export function WeekHours({ hours }: { hours: number[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...hours);
  return (
    <table className="week-hours" aria-label={t('baselines.hours')}>
      <tbody>
        {[0, 24].map((from) => (
          <tr key={from}>
            <th scope="row">{t(from === 0 ? 'baselines.workdays' : 'baselines.weekend')}</th>
            {hours.slice(from, from + 24).map((count, hour) => (
              <td key={hour} title={t('baselines.atHour', { hour: `${String(hour).padStart(2, '0')}:00`, count: format.number(count) })} style={{ background: `color-mix(in srgb, var(--accent) ${Math.round((count / most) * 80)}%, transparent)` }}>
                {count > 0 ? format.short(count) : '·'}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
