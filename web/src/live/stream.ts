// The node's event stream. Opens it, reopens it with growing pauses, and says whether what the page shows is live. It does not
// decide what an update means: that is `apply.ts`.
import type { StreamEvent } from '../api/client';

export type LiveState = 'connecting' | 'live' | 'stale';

const names: StreamEvent['type'][] = ['overview', 'alert', 'incident', 'host', 'command', 'lagged'];
const firstPause = 500;
const longestPause = 20_000;
/** The node speaks every two seconds; silence of this length means a dead connection that nobody closed. */
const silence = 12_000;

export interface Stream {
  close(): void;
}

export function openStream(url: string, onState: (state: LiveState) => void, onEvent: (event: StreamEvent) => void): Stream {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let pause = firstPause;
  let closed = false;

  const retry = () => {
    source?.close();
    clearTimeout(watch);
    if (closed) return;
    onState('stale');
    timer = setTimeout(open, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, longestPause);
  };
  const heard = () => {
    pause = firstPause;
    onState('live');
    clearTimeout(watch);
    watch = setTimeout(retry, silence);
  };
  const read = (message: MessageEvent<string>) => {
    heard();
    const event = parse(message.data);
    if (event) onEvent(event);
  };
  function open() {
    source = new EventSource(url);
    source.onopen = heard;
    source.onerror = retry;
    for (const name of names) source.addEventListener(name, read);
  }

  onState('connecting');
  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(watch);
      source?.close();
    },
  };
}

/** None for what is not ours: a newer node may send more kinds than this page knows. */
export function parse(data: string): StreamEvent | undefined {
  try {
    const event: unknown = JSON.parse(data);
    if (event && typeof event === 'object' && 'type' in event && names.includes((event as StreamEvent).type)) return event as StreamEvent;
  } catch {
    return undefined;
  }
  return undefined;
}
