// What each screen shows when it has nothing to show: while it waits, when the node has nothing, when the node fails. None of them may
// look like another, since an empty list is good news and a failed one is none.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../fixture/server.mjs';
import { enter, settled } from './browser.mjs';
import { screens } from './screens.mjs';

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

/** Who is signed in and what the frame itself shows is left as it is. */
const ofPage = (url) => !/\/api\/v1\/(session|stream|overview$)/.test(new URL(url).pathname);
const asks = Object.entries(screens).filter(([screen]) => !['overview', 'new-rule', 'reports'].includes(screen));

/** Answers what a page asks by `answer(route)`, and shows the page. */
async function shown(browser, path, answer) {
  const { page } = browser;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.route('**/api/v1/**', (route) => (ofPage(route.request().url()) ? answer(route) : route.continue()));
  await page.goto(server.url + path);
  return page;
}
const problem = { type: 'urn:tamon:problem:internal', title: 'The node failed', status: 500, detail: 'the store is being repaired', code: 'internal' };

test('a failure is worded on each screen, says what to do, and can be tried again', async () => {
  const browser = await enter(server.url);
  try {
    for (const [screen, { path, ready }] of asks) {
      const page = await shown(browser, path, (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
      if (screen === 'hunt') {
        await page.waitForSelector('[data-testid=run]');
        await ready(page);
      }
      const note = page.locator('main [role=alert], main [data-testid=check]').first();
      await note.waitFor({ timeout: 5_000 }).catch(() => assert.fail(`${screen} does not say that it failed`));
      if (screen === 'settings') continue;
      assert.match(await note.innerText(), /The node failed at this[\s\S]*the store is being repaired/, screen);
    }
  } finally {
    await browser.close();
  }
});

test('while a screen waits it says so', async () => {
  const browser = await enter(server.url);
  try {
    for (const [screen, { path }] of asks.filter(([screen]) => !['hunt', 'settings', 'policy-from-host'].includes(screen))) {
      const page = await shown(browser, path, () => undefined);
      await page.waitForSelector('main [role=status].empty', { timeout: 5_000 }).catch(() => assert.fail(`${screen} does not say that it waits`));
      assert.match(await page.locator('main').innerText(), /Loading/, screen);
    }
  } finally {
    await browser.close();
  }
});

/** Every list of an answer is empty, down to the hosts that were asked. */
function emptied(value) {
  if (Array.isArray(value)) return [];
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, emptied(one)]));
  return value;
}

test('an empty list says what is empty', async () => {
  const browser = await enter(server.url);
  try {
    const lists = ['incidents', 'alerts', 'malware', 'malware-quarantine', 'scans', 'scanners', 'hosts', 'host-events', 'rules', 'silenced', 'intelligence', 'integrity', 'baselines', 'lockdown', 'policies', 'recovery', 'quarantine', 'audit'];
    for (const screen of lists) {
      const page = await shown(browser, screens[screen].path, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: emptied(await response.json()) });
      });
      await settled(page);
      await page.waitForSelector('main .empty', { timeout: 5_000 }).catch(() => assert.fail(`${screen} says nothing of being empty`));
      assert.equal(await page.locator('main [role=alert]').count(), 0, screen);
    }
  } finally {
    await browser.close();
  }
});

test('a session that has ended leads back through the sign-in', async () => {
  const browser = await enter(server.url);
  try {
    const gone = { ...problem, status: 401, code: 'not_signed_in', detail: 'sign in first' };
    const page = await shown(browser, '/hosts', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(gone) }));
    const link = page.locator('main [role=alert] a');
    await link.waitFor();
    assert.equal(await link.getAttribute('href'), '/login?to=%2Fhosts');
  } finally {
    await browser.close();
  }
});
