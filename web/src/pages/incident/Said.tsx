import { useTranslation } from 'react-i18next';
import type { Sentence } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { useSaid } from '../../i18n/said';
import { Hostile } from '../../parts/Hostile';

type Show = (ids: readonly string[]) => void;

/** A sentence of the story in the reader's language, with the way to what proves it. Its values come from hosts. */
export function Said({ sentence, show }: { sentence: Sentence; show: Show }) {
  const said = useSaid();
  return (
    <>
      <Hostile text={said(sentence.text)} limit={700} />
      <Proof ids={sentence.evidence ?? []} show={show} />
    </>
  );
}

/** The alerts on which something rests: brings them into view. */
export function Proof({ ids, show }: { ids: readonly string[]; show: Show }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (ids.length === 0) return null;
  return (
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
  );
}
