// Both languages hold the same keys and the same placeholders, and Japanese holds no leftover English.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../src/i18n/en';
import { ja } from '../src/i18n/ja';
import { pseudo, type Strings } from '../src/i18n/pseudo';

function flat(strings: Strings, prefix = ''): [string, string][] {
  return Object.entries(strings).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)));
}
const english = new Map(flat(en));
const japanese = new Map(flat(ja));
const placeholders = (text = '') => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

test('the same keys', () => {
  const expected = [...english.keys()].filter((key) => !key.endsWith('_one')).sort();
  expect([...japanese.keys()].sort()).toEqual(expected);
});

test('each singular has its plural', () => {
  for (const key of english.keys()) if (key.endsWith('_one')) expect([...english.keys()]).toContain(key.replace(/_one$/, '_other'));
});

test('the same placeholders', () => {
  for (const [key, text] of japanese) expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key))]);
});

test('nothing is left in English', () => {
  const kept = new Set(['column.id', 'column.os', 'category.dns', 'category.iam', 'counter.dns', 'process.sha256', 'case.fact.sha256', 'graph.pid', 'engine.sigma', 'engine.yara', 'overview.of', 'rule.kindOf.sigma', 'rule.kindOf.yara']);
  const same = [...japanese].filter(([key, text]) => !kept.has(key) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text));
  expect(same).toEqual([]);
});

test('the pseudo-locale keeps the placeholders and changes every text', () => {
  const strange = new Map(flat(pseudo(en)));
  for (const [key, text] of english) {
    expect(placeholders(strange.get(key))).toEqual(placeholders(text));
    expect(strange.get(key)).not.toEqual(text);
  }
});

test('pages hold no words of their own', () => {
  const root = new URL('../src', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tsx'));
  const found = files.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/(?:aria-label|title|label|placeholder)="([A-Za-z][^"]*)"|>\s*([A-Z][a-z]+(?: [a-z]+)+)\s*</g)].map((match) => `${path}: ${match[1] ?? match[2]}`);
  });
  expect(found.filter((one) => !one.includes('T1059'))).toEqual([]);
});

test('event text reaches the page only as text', () => {
  const root = new URL('../src', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));
  for (const path of files) expect(readFileSync(join(root, path), 'utf8'), path).not.toMatch(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
});
