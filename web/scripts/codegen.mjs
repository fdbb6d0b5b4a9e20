// Makes src/api/schema.d.ts from openapi.json. With --check it only compares, and fails when the committed file is stale.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const at = (path) => new URL(path, import.meta.url);
const header = '// Made by `npm run codegen` from openapi.json. Do not edit.\n\n';

export async function generate() {
  const document = JSON.parse(await readFile(at('../openapi.json'), 'utf8'));
  return header + astToString(await openapiTS(document));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const target = at('../src/api/schema.d.ts');
  const text = await generate();
  if (process.argv.includes('--check')) {
    if ((await readFile(target, 'utf8')) !== text) {
      console.error('src/api/schema.d.ts is stale: run `npm run codegen`');
      process.exit(1);
    }
  } else {
    await writeFile(target, text);
  }
}
