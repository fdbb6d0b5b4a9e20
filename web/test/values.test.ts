// Exports, formats, stream messages, process trees: value in, value out.
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import * as world from '../fixture/world.mjs';
import type { Overview } from '../src/api/client';
import { formats } from '../src/i18n/format';
import { applier } from '../src/live/apply';
import { parse } from '../src/live/stream';
import { containersOf } from '../src/pages/host/HostContainers';
import { treeOf } from '../src/pages/host/HostProcesses';
import { actionsOn, questionOf } from '../src/pages/host/ProcessPanel';
import { asCsv, asJson } from '../src/pages/hunt/export';

const result = { columns: [{ name: 'a', type: 'Utf8' }, { name: 'n', type: 'Int64' }], rows: [['x,"y"', 1], ['=cmd()', -2], [null, 3], ['line\nbreak', 4]] };

test('CSV quotes, and disarms formulas', () => expect(asCsv(result)).toBe('a,n\r\n"x,""y""",1\r\n\'=cmd(),-2\r\n,3\r\n"line\nbreak",4\r\n'));
test('JSON is one object a row', () => expect(JSON.parse(asJson(result))[2]).toEqual({ a: null, n: 3 }));

test.each([
  ['en', (f: ReturnType<typeof formats>) => f.list(['a', 'b', 'c']), 'a, b, c'],
  ['ja', (f: ReturnType<typeof formats>) => f.list(['あ', 'い']), 'あ、い'],
  ['en', (f: ReturnType<typeof formats>) => f.number(1234567), '1,234,567'],
  ['en', (f: ReturnType<typeof formats>) => f.bytes(208_911_004), '208.9 MB'],
  ['en', (f: ReturnType<typeof formats>) => f.duration(252_000), '4 min 12 sec'],
  ['ja', (f: ReturnType<typeof formats>) => f.duration(252_000), '4 分 12 秒'],
  ['en', (f: ReturnType<typeof formats>) => f.time('not a time'), '—'],
  ['en', (f: ReturnType<typeof formats>) => f.rate(0.25), '0.3'],
])('%s %#', (language, make, expected) => expect(make(formats(language))).toBe(expected));

test.each([
  ['{"type":"lagged","data":{"missed":3}}', 'lagged'],
  ['{"type":"of a newer node","data":{}}', undefined],
  ['not json', undefined],
  ['null', undefined],
])('stream message %s', (data, expected) => expect(parse(data)?.type).toBe(expected));

test('live figures are put in place', () => {
  const client = new QueryClient();
  client.setQueryData(['overview'], world.overview);
  applier(client)({ type: 'overview', data: { ingest: { ...world.overview.ingest, events_per_second: 5 }, store: world.overview.store, connected: 1, open_incidents: 9 } });
  const now = client.getQueryData<Overview>(['overview']);
  expect([now?.ingest.events_per_second, now?.hosts.connected, now?.incidents.open]).toEqual([5, 1, 9]);
});

test('processes stand below their parents, and a ring of parents does not hang', () => {
  const one = (pid: number, parent_pid: number) => ({ pid, parent_pid }) as Parameters<typeof treeOf>[0][number];
  const told = (list: [number, number][]) => treeOf(list.map(([pid, parent]) => one(pid, parent))).map(({ process, level }) => `${process.pid}@${level}`);
  expect(told([[30, 2], [1, 0], [2, 1]])).toEqual(['1@0', '2@1', '30@2']);
  expect(told([[7, 7]])).toEqual(['7@0']);
});

const running = (pid: number, more: object = {}) => ({ ...(world.processes.processes[0] as object), pid, executable: '/tmp/x', package: null, fileless: false, entity_id: `e-${pid}`, container_id: null, container_image: null, started: `2026-01-01T00:00:0${pid}Z`, resident_bytes: 100, ...more }) as Parameters<typeof actionsOn>[1];

test('containers are counted by what runs in them, and begin with their first process', () => {
  const all = containersOf([running(1), running(3, { container_id: 'c', container_image: null }), running(2, { container_id: 'c', container_image: 'app' })]);
  expect(all.map(({ id, image, processes, memory, first }) => [id, image, processes, memory, first.pid])).toEqual([['c', 'app', 2, 200, 2]]);
});

test('what can be ordered of a process: a program of a package is not put away', () => {
  const kinds = (more: object) => actionsOn('h', running(1, more)).map((one) => one.kind);
  expect(kinds({})).toEqual(['kill_tree', 'quarantine']);
  expect(kinds({ package: 'bash 5.2' })).toEqual(['kill_tree']);
  expect(kinds({ fileless: true, entity_id: null })).toEqual([]);
  expect(questionOf("a'b")).toContain("process_entity_id = 'a''b'");
});
