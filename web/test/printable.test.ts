import { expect, test } from 'vitest';
import { clip, pieces, printable } from '../src/text/printable';

test.each([
  ['ls -la', 'ls -la'],
  ['\u001b[2Jgone\r\n', '\\u{1b}[2Jgone\\r\\n'],
  ['exe\u202egpj', 'exe\\u{202e}gpj'],
  ['\u009b31m', '\\u{9b}31m'],
  ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['日本語 café 👍', '日本語 café 👍'],
  ['lone \ud800 half', 'lone \\u{d800} half'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
])('%j is shown as %j', (input, expected) => expect(printable(input)).toBe(expected));

test('escapes are marked apart from text', () => {
  expect(pieces('a\u001b\u001bb')).toEqual([
    { text: 'a', escaped: false },
    { text: '\\u{1b}\\u{1b}', escaped: true },
    { text: 'b', escaped: false },
  ]);
});

test.each([
  ['short', 10, 'short'],
  ['0123456789', 5, '0123…'],
  ['ab👍👍👍👍', 5, 'ab👍👍…'],
])('%j clipped to %i', (input, limit, expected) => expect(clip(input, limit).length <= limit + 2 && clip(input, limit)).toBe(expected));
