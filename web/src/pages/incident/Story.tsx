import { useTranslation } from 'react-i18next';
import type { Sentence } from '../../api/client';
import { Panel } from '../../parts/Panel';
import { Empty } from '../../parts/states';
import { Said } from './Said';

export function Story({ sentences, show }: { sentences: Sentence[]; show: (ids: readonly string[]) => void }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('story.title')}>
      {sentences.length === 0 ? (
        <Empty text={t('story.none')} />
      ) : (
        <ol className="story" data-testid="story">
          {sentences.map((sentence, index) => (
            <li key={index}>
              <span className="wrap">
                <Said sentence={sentence} show={show} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
