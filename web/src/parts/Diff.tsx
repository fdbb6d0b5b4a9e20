import { useTranslation } from 'react-i18next';
import { diffLines, folded } from '../text/diff';
import { Hostile } from './Hostile';

const signs = { same: ' ', plus: '+', minus: '-' } as const;

/** What changed from one text to another; signs as well as colours tell the sides apart. */
export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const { t } = useTranslation();
  if (before === after) return <p className="muted">{t('diff.same')}</p>;
  return (
    <div className="diff" role="group" tabIndex={0} aria-label={label} data-testid="diff">
      {folded(diffLines(before, after)).map((line, index) =>
        line.kind === 'fold' ? (
          <div key={index} className="at">
            {t('diff.folded', { count: line.count ?? 0 })}
          </div>
        ) : (
          <div key={index} className={line.kind === 'same' ? undefined : line.kind}>
            {signs[line.kind]}
            {line.text !== '' && <Hostile text={line.text} limit={1000} />}
          </div>
        ),
      )}
    </div>
  );
}
