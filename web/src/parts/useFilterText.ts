import { useEffect, useState } from 'react';

const pause = 250;

/** Text that is typed, and the same text once typing has paused: one request, not one a letter. */
export function useFilterText(given: string | undefined, settled: (text: string | undefined) => void): [string, (text: string) => void] {
  const [text, setText] = useState(given ?? '');
  useEffect(() => {
    if (text === (given ?? '')) return;
    const timer = setTimeout(() => settled(text === '' ? undefined : text), pause);
    return () => clearTimeout(timer);
    // Only typing starts the pause; an address that changes by itself must not undo what is being typed.
  }, [text]);
  return [text, setText];
}
