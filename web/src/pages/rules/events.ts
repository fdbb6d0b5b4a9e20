// Events as somebody pastes them: one JSON object a line, or one list.
import { pieces } from '../../text/printable';

export interface ReadEvents {
  events?: Record<string, unknown>[];
  /** The line that is no event. */
  fault?: number;
}

/** An event on one line. What would hide or reorder its neighbours in a field of text is written as JSON escapes. */
export const asLine = (event: unknown): string =>
  pieces(JSON.stringify(event))
    .map((piece) => (piece.escaped ? piece.text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)).split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')) : piece.text))
    .join('');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

export function eventsOf(text: string): ReadEvents {
  if (text.trim().startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      return Array.isArray(list) && list.every(isObject) ? { events: list } : { fault: 1 };
    } catch {
      return { fault: 1 };
    }
  }
  const events: Record<string, unknown>[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const event: unknown = JSON.parse(line);
      if (!isObject(event)) return { fault: index + 1 };
      events.push(event);
    } catch {
      return { fault: index + 1 };
    }
  }
  return { events };
}
