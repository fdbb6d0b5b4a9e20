// Malware, rules, ATT&CK, policies, recovery, building a hunt: value in, value out.
import { expect, test } from 'vitest';
import * as world from '../fixture/areas.mjs';
import { families, shade, sums, together } from '../src/pages/attack/cells';
import { operatorsFor, type Question, sqlOf, wrong } from '../src/pages/hunt/builder';
import { actionsOf, canAct, placesOf } from '../src/pages/hunt/targets';
import { warnings } from '../src/pages/lockdown/warnings';
import { contributions, isReason, lengths } from '../src/pages/malware/contributions';
import { heard, judged, looks } from '../src/pages/malware/heard';
import { pathsOf } from '../src/pages/malware/ScanDialog';
import { knownOf } from '../src/pages/intelligence/known';
import { canary } from '../src/pages/policies/canary';
import { harsher } from '../src/pages/policies/harsher';
import { counted } from '../src/pages/recovery/counted';
import { asLine, eventsOf } from '../src/pages/rules/events';
import { fieldsOf } from '../src/pages/rules/fields';
import { visible } from '../src/pages/rules/filter';
import { idOf, isName, nameOnNode, withId } from '../src/pages/rules/node';
import { diffLines, folded } from '../src/text/diff';

test('the model’s reasons are taken apart, heaviest first, and what is none is left out', () => {
  const matched = [
    { field: 'file_path', value: '/x' },
    { field: 'model_reason.a', value: '-0.5 has comments' },
    { field: 'model_reason.b', value: '+2.25 decodes, runs' },
    { field: 'model_reason.c', value: 'no number' },
    { field: 'model_reason_ja.b', value: '復号して実行する' },
  ];
  const found = contributions(matched);
  expect(found).toEqual([{ key: 'b', weight: 2.25, en: 'decodes, runs', ja: '復号して実行する' }, { key: 'a', weight: -0.5, en: 'has comments', ja: 'has comments' }]);
  expect(matched.map(({ field }) => isReason(field))).toEqual([false, true, true, true, true]);
  expect(lengths(found).map(Math.round)).toEqual([100, 22]);
  expect(contributions([])).toEqual([]);
});

test.each([
  ['a\nb\nc', 'a\nB\nc', ' a,-b,+B, c'],
  ['', 'a', '-,+a'],
  ['a\nb', 'a\nb\nc', ' a, b,+c'],
  ['x\na\nb\ny', 'a\nb', '-x, a, b,-y'],
  ['a\nb\nc\nd', 'd\na\nb\nc', '+d, a, b, c,-d'],
  ['a', 'a', ' a'],
])('diff %#', (before, after, expected) => {
  const signs = { same: ' ', plus: '+', minus: '-', fold: '…' };
  expect(diffLines(before, after).map((line) => signs[line.kind] + line.text).join(',')).toBe(expected);
});

test('a diff gives both texts back, whatever they are', () => {
  let seed = 7;
  const next = (most: number) => (seed = (seed * 16_807) % 2_147_483_647) % most;
  for (let round = 0; round < 60; round += 1) {
    const text = () => Array.from({ length: next(30) }, () => 'abc'[next(3)]).join('\n');
    const [before, after] = [text(), text()];
    const lines = diffLines(before, after);
    expect(lines.filter((line) => line.kind !== 'plus').map((line) => line.text).join('\n')).toBe(before);
    expect(lines.filter((line) => line.kind !== 'minus').map((line) => line.text).join('\n')).toBe(after);
  }
});

test('long unchanged runs are folded', () => {
  const before = Array.from({ length: 100 }, (_, line) => String(line)).join('\n');
  const shown = folded(diffLines(before, before.replace('\n50\n', '\nfifty\n')));
  expect(shown.length).toBe(10);
  expect(shown.filter((line) => line.kind === 'fold').map((line) => line.count)).toEqual([47, 46]);
});

const types = new Map([['timestamp', 'time'], ['process_name', 'text'], ['process_pid', 'number'], ['process_interactive', 'boolean']]);
const question = (part: Partial<Question>): Question => ({ table: 'events', columns: ['timestamp', 'process_name'], conditions: [], any: false, hours: 0, count: false, limit: 100, ...part });

test('a question is written as SQL, and no value ends its quotes', () => {
  const sql = sqlOf(question({ conditions: [{ column: 'process_name', operator: 'contains', value: "o'b_%\\" }, { column: 'process_pid', operator: 'more', value: ' 12 ' }], hours: 24 }), types);
  expect(sql).toBe(`SELECT timestamp, process_name\nFROM events\nWHERE process_name LIKE '%o''b\\_\\%\\\\%'\n  AND process_pid > 12\n  AND timestamp > now() - INTERVAL '24 hours'\nORDER BY timestamp DESC\nLIMIT 100`);
  const any = sqlOf(question({ any: true, count: true, columns: ['process_name'], hours: 1, conditions: [{ column: 'process_name', operator: 'one-of', value: 'sh, bash' }, { column: 'process_interactive', operator: 'is', value: 'TRUE' }] }), types);
  expect(any).toContain("WHERE (process_name IN ('sh', 'bash')\n   OR process_interactive = true)\n  AND timestamp");
  expect(any).toContain('GROUP BY process_name\nORDER BY n DESC');
});

test('what does not fit its column is said and not written', () => {
  const bad = question({ conditions: [{ column: 'process_pid', operator: 'is', value: '1 OR 1=1' }, { column: 'timestamp', operator: 'more', value: 'yesterday' }, { column: 'process_name', operator: 'unknown', value: '' }] });
  expect(wrong(bad, types)).toEqual([0, 1]);
  expect(sqlOf(bad, types)).toContain('WHERE process_name IS NULL\n');
  expect(operatorsFor('number')).not.toContain('contains');
});

test('rows are acted upon only where they name a host and a target', () => {
  const hosts = [{ id: 'h1', name: 'web' }, { id: 'h2', name: 'db' }, { id: 'h3', name: 'db' }] as unknown as Parameters<typeof actionsOf>[3];
  const column = (name: string) => ({ name, type: 'text' });
  const places = placesOf(['host_name', 'process_entity_id', 'process_executable'].map(column));
  expect(canAct(places)).toBe(true);
  const rows = [['web', 'e1', '/x'], ['web', 'e1', '/x'], ['db', 'e2', '/y'], ['gone', 'e3', '/z'], ['web', null, 'relative']];
  expect(actionsOf('kill_tree', rows, places, hosts)).toEqual([{ kind: 'kill_tree', host_id: 'h1', entity_id: 'e1' }]);
  expect(actionsOf('quarantine', rows, places, hosts)).toEqual([{ kind: 'quarantine', host_id: 'h1', path: '/x' }]);
  const byId = placesOf(['host_id', 'file_path'].map(column));
  expect(actionsOf('quarantine', [['h3', '/y']], byId, hosts)).toEqual([{ kind: 'quarantine', host_id: 'h3', path: '/y' }]);
  expect(canAct(placesOf(['host_name', 'user_name'].map(column)))).toBe(false);
});

test.each([
  [{}, ['writable']],
  [{ exists: false, same: false, sha256_now: null, file: null, scan: null }, ['gone']],
  [{ same: false }, ['other', 'writable']],
  [{ scan: null }, ['unscanned', 'writable']],
  [{ interpreter: true, in_scope: false, runs_already: true }, ['writable', 'interpreter', 'scope', 'already']],
])('what speaks against trust %#', (part, expected) => {
  const base = world.trust.consequence;
  if (!base) throw new Error('the fixture has one');
  expect(warnings({ ...base, ...part })).toEqual(expected);
});

test('a family is as grave as the gravest in it, and rules count once', () => {
  const one = (id: string, part: object) => ({ id, name: id, parent: id.includes('.') ? (id.split('.')[0] ?? null) : null, rules: [], alerts: 0, events: 0, severity: null, last: null, ...part });
  const [family, alone] = families([one('T1', { rules: [0, 1] }), one('T1.001', { rules: [1, 2], alerts: 2, severity: 'high' as const }), one('T2.003', {})]);
  if (!family || !alone) throw new Error('two families');
  expect([family.subs.length, alone.head.id]).toEqual([1, 'T2.003']);
  expect(together(family).rules).toEqual([0, 1, 2]);
  expect([shade(together(family), 'coverage'), shade(together(family), 'told'), shade(alone.head, 'told')]).toEqual(['some', 'high', 'none']);
  expect(sums(world.attack).all).toBe(new Set(world.attack.tactics.flatMap((tactic) => tactic.techniques.map((technique) => technique.id))).size);
});

test.each([
  ['{"a":1}\n\n{"b":2}', 2, undefined],
  ['[{"a":1}]', 1, undefined],
  ['', 0, undefined],
  ['{"a":1}\nnonsense', undefined, 2],
  ['[1]', undefined, 1],
  ['7', undefined, 1],
])('events %#', (text, count, fault) => {
  const read = eventsOf(text);
  expect([read.events?.length, read.fault]).toEqual([count, fault]);
});

test('an event on a line hides nothing and reads back as it was', () => {
  const event = { a: 'x\u202ey\u001b[31m', b: '\u{e0041}', c: '日本' };
  expect(asLine(event)).toBe('{"a":"x\\u202ey\\u001b[31m","b":"\\udb40\\udc41","c":"日本"}');
  expect(eventsOf(asLine(event)).events).toEqual([event]);
});

test('rules are filtered by words, kind, severity and state', () => {
  const all = world.rules.items;
  expect(visible(all, {}).length).toBe(all.length);
  expect(visible(all, { kind: 'yara' }).map((rule) => rule.id)).toEqual(['miner:gpu_coin_miner']);
  expect(visible(all, { text: 't1095' }).map((rule) => rule.id)).toEqual(['behaviour.reverse-shell']);
  expect(visible(all, { state: 'unusable' }).map((rule) => rule.id)).toEqual(['own-1']);
  expect(visible(all, { severity: 'critical' }).length).toBe(1);
});

test('small things', () => {
  expect(pathsOf(' /a \n\n/b')).toEqual(['/a', '/b']);
  expect(canary(world.policies.hosts, 'web')).toEqual(['h1']);
  expect(canary([], 'web')).toEqual([]);
  expect(harsher(world.simulation.hosts[0]?.alerts.changes ?? [])).toBe(14);
  expect(counted(world.rollbackReport(true).files)).toEqual([['beside', 1], ['restored', 52], ['deleted', 8]]);
});

test.each([
  ['the file: none of 8000000 known digests', 'none digests 8000000  0'],
  ['the file and 4 members: 1 found by 64 rules', 'found rules 64 1 4'],
  ['not asked, because no signatures are loaded', 'notLoaded signatures   0'],
  ['not asked, because the digest is known', 'known    0'],
  ['the file: allowed by own list', 'allowed    0'],
  ['shell 3: score 0.9713, held against 0.8821', 'held    0'],
  ['no package owns it; seen on 1 of 3 hosts', ''],
  ['not asked, because it is Tuesday', ''],
])('a voice is understood: %s', (text, expected) => {
  const one = heard(text);
  expect(one ? [one.key, one.what ?? '', one.args.of, one.args.found, one.members].join(' ') : '').toBe(expected);
});

test('the model’s own words are understood, and others are not', () => {
  expect(judged('score 0.9713, threshold 0.8821, false positives 0.010 %: decodes data')).toEqual({ score: '0.9713', threshold: '0.8821', rate: '0.010' });
  expect(judged('score 0.9713, threshold 0.8821')?.rate).toBeUndefined();
  expect(judged('$connect at 0x1c')).toBeUndefined();
  expect(looks('Looks malicious to the model shell 3')).toEqual({ word: 'malicious', model: 'shell 3' });
  expect(looks('Reverse shell')).toBeUndefined();
});

test('a copy of a rule gets an id of its own', () => {
  expect(idOf("title: a\nid: '11-22' # ours\n")).toBe('11-22');
  expect(withId("title: a\nid: '11-22'\nlevel: low\n", 'new')).toBe('title: a\nid: new\nlevel: low\n');
  expect(withId('title: a\nlevel: low\n', 'new')).toBe('title: a\nid: new\nlevel: low\n');
  expect(nameOnNode('sigma/process/a b.yml', true)).toBe('own-a-b.yml');
  expect([isName('own-a.yml'), isName(''), isName('../x')]).toEqual([true, false, false]);
});

test.each([
  ['process_name=curl\n\nlabel.x = a=b', '{"process_name":"curl","label.x":"a=b"}', undefined],
  ['process_name', '{}', 1],
  ['a=1\n=2', '{"a":"1"}', 2],
])('fields of a suppression %#', (text, fields, fault) => {
  const read = fieldsOf(text);
  expect([JSON.stringify(read.fields), read.fault]).toEqual([fields, fault]);
});

test('indicators are found among the rules of the node', () => {
  const all = knownOf(world.nodeRules);
  expect(all.map(({ kind, value }) => `${kind} ${value.slice(0, 14)}`)).toEqual(['ip 203.0.113.9', 'domain evil.example', 'path /tmp/<img src=']);
  expect(all[0]).toMatchObject({ told: 41, shed: 7, by: 'aoi' });
  expect(all[0]?.note).toContain('list of a partner');
});
