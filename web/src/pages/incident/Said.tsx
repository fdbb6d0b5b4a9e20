import { useTranslation } from 'react-i18next';
import type { Sentence } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';

/** A sentence of the story in the reader's language, with the way to what proves it. Its values come from hosts. */
export function Said({ sentence, show, plain }: { sentence: Sentence; show: (ids: readonly string[]) => void; plain?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useSaid();
  const ids = sentence.evidence ?? [];
  return (
    <>
      <Hostile text={said(sentence.text)} limit={700} />
      {!plain && ids.length > 0 && (
        <a
          className="evidence"
          href={`#alert-${ids[0]}`}
          onClick={(event) => {
            event.preventDefault();
            show(ids);
          }}
        >
          {t('story.evidence', { count: ids.length, formatted: format.number(ids.length) })}
        </a>
      )}
    </>
  );
}
