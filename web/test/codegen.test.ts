// The committed client is what openapi.json makes, and the lock file names no registry.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generate } from '../scripts/codegen.mjs';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('schema.d.ts is fresh', async () => {
  expect(read('../src/api/schema.d.ts') === (await generate()), 'run `npm run codegen`').toBe(true);
}, 120_000);

test('the lock file holds no addresses', () => {
  expect(read('../package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});
