// Text from a host is hostile: it may hold terminal escapes, line breaks, and characters that hide or reorder what stands
// beside them. `pieces` cuts it into what may be shown as it is and what must be shown as an escape; the same rule as
// `event::text::printable`, so the page and the command line agree. It drops nothing.

export interface Piece {
  text: string;
  /** True when `text` is the written-out form of a character that must not be shown raw. */
  escaped: boolean;
}

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const within = (code: number, from: number, to: number) => code >= from && code <= to;

function hides(code: number): boolean {
  return (
    code < 0x20 ||
    within(code, 0x7f, 0x9f) ||
    within(code, 0x200b, 0x200f) ||
    within(code, 0x2028, 0x202e) ||
    within(code, 0x2060, 0x206f) ||
    within(code, 0xfff9, 0xfffb) ||
    within(code, 0xd800, 0xdfff) ||
    within(code, 0xe0000, 0xe007f) ||
    [0xad, 0x61c, 0x115f, 0x1160, 0x180e, 0x3164, 0xfeff].includes(code)
  );
}

export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  const push = (part: string, escaped: boolean) => {
    const last = out.at(-1);
    if (last && last.escaped === escaped) last.text += part;
    else out.push({ text: part, escaped });
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (hides(code)) push(short[character] ?? `\\u{${code.toString(16)}}`, true);
    else push(character, false);
  }
  return out;
}

/** The same as one string: for titles, labels, exports and the canvas, which cannot hold markup. */
export function printable(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join('');
}

/** At most `limit` characters, cut between characters, with an ellipsis when cut. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${Array.from(text.slice(0, limit + 1)).slice(0, limit - 1).join('')}…`;
}
