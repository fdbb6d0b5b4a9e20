// Accents every letter and lengthens every text by a third, leaving {{placeholders}} alone.
export type Strings = { [key: string]: string | Strings };

const from = 'aceinorsuyACEINORSUY';
const to = 'àçéîñöŕšûýÀÇÉÎÑÖŔŠÛÝ';

function accent(text: string): string {
  const accented = text
    .split(/(\{\{.*?\}\})/)
    .map((part) => (part.startsWith('{{') ? part : Array.from(part, (c) => (from.includes(c) ? to[from.indexOf(c)] : c)).join('')))
    .join('');
  return `[${accented}${'~'.repeat(Math.ceil(text.length / 3))}]`;
}

export function pseudo(strings: Strings): Strings {
  return Object.fromEntries(Object.entries(strings).map(([key, value]) => [key, typeof value === 'string' ? accent(value) : pseudo(value)]));
}
