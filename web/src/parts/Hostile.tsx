// The only way a value from an event reaches the page: text nodes, escapes marked, direction isolated.
import { memo } from 'react';
import { clip, pieces } from '../text/printable';

/** Long values are cut here, not in the data: 2 MiB of argv must not stall the page. */
const longest = 4096;

export const Hostile = memo(function Hostile({ text, limit = longest, code }: { text: string | number | null | undefined; limit?: number; code?: boolean }) {
  if (text === null || text === undefined || text === '') return <span className="absent">—</span>;
  const parts = pieces(clip(String(text), limit));
  return (
    <bdi className={code ? 'hostile mono' : 'hostile'}>
      {parts.map((part, index) => (part.escaped ? <span key={index} className="escape">{part.text}</span> : part.text))}
    </bdi>
  );
});
