// Who answered a question and who did not. A host that is silent is named, never left out.
import { useTranslation } from 'react-i18next';
import type { HostAnswer } from '../api/client';
import { useFormat } from '../i18n/format';
import { Hostile } from './Hostile';

export function Answers({ answers }: { answers: HostAnswer[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const silent = answers.filter((answer) => answer.status !== 'answered');
  return (
    <div className="dialog">
      <p className="muted">
        {t('answers.counts', {
          answered: format.number(answers.length - silent.length),
          offline: format.number(silent.filter((answer) => answer.status === 'offline').length),
          failed: format.number(silent.filter((answer) => answer.status !== 'offline').length),
        })}
      </p>
      {silent.map((answer) => (
        <p key={answer.host_id} className="note is-warn wrap">
          <strong>
            <Hostile text={answer.host_name} />
          </strong>
          {' · '}
          {t(`answers.${answer.status}`)} {answer.detail && <Hostile text={answer.detail} limit={300} />}
        </p>
      ))}
    </div>
  );
}
