// The console against a real node with a real agent and the self-test's real incident. Given by the environment: TAMON_URL,
// TAMON_LOGIN_TOKEN or TAMON_LOGIN_LINK, and where to put pictures (TAMON_SCREENSHOTS). Without a node there is nothing to test,
// and that is said as a failure, not passed over. TAMON_RENDERING_ONLY=1 leaves this file out on purpose.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { accessible, open, settled, shoot, silent } from './browser.mjs';
import { areas } from './node-areas.mjs';
import { screens, walk } from './screens.mjs';

const run = promisify(execFile);
const node = process.env.TAMON_URL?.replace(/\/$/, '');
const link = process.env.TAMON_LOGIN_LINK ?? (process.env.TAMON_LOGIN_TOKEN && `${node}/login#token=${process.env.TAMON_LOGIN_TOKEN}`);
const skip = process.env.TAMON_RENDERING_ONLY === '1' ? 'rendering only, as asked' : false;
const hostileText = '<img src=x onerror="window.hacked=1">\u001b[31m\u202etamon-e2e';
const patient = 60_000;

let browser;
let page;
let incident;

if (!skip) {
  before(async () => {
    assert.ok(node && link, 'TAMON_URL and TAMON_LOGIN_TOKEN (or TAMON_LOGIN_LINK) say where the node is');
    browser = await open();
    page = browser.page;
  });
  after(() => browser?.close());
}

const check = (name, body) => test(name, { skip }, body);
const go = async (path) => {
  await page.goto(node + path);
  await settled(page);
};
const api = (path) => page.evaluate(async (address) => (await fetch(address)).json(), `/api/v1${path}`);

async function until(what, probe, limit = patient) {
  const end = Date.now() + limit;
  for (let last; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    last = await probe();
    if (last) return last;
    assert.ok(Date.now() < end, `${what} within ${limit / 1000} s`);
  }
}

check('a stranger is asked to sign in, and a wrong token is refused', async () => {
  await page.goto(`${node}/incidents`);
  await page.waitForURL('**/login**');
  await settled(page);
  await page.goto(`${node}/login#token=this-token-was-never-given`);
  await page.waitForSelector('[role=alert]');
  // The browser itself reports every 401 on its console; those two were asked for.
  page.complaints = page.complaints.filter((one) => !/401/.test(one));
});

check('the one-time link signs in and leaves no token in the address', async () => {
  await page.goto('about:blank');
  await page.goto(link);
  await page.waitForURL(`${node}/`);
  await settled(page);
  assert.doesNotMatch(page.url(), /token/);
  await silent(page);
});

check('the overview shows the host, its tier, what it lacks, and is live', async () => {
  await page.waitForSelector('[data-live=live]');
  await page.waitForSelector('.host-line');
  const { host_list } = await api('/overview');
  const [host] = host_list;
  const line = page.locator(`.host-line[data-host="${host.name}"]`);
  const text = await line.innerText();
  assert.match(text, { enforce: /Enforce/, gate: /Gate/, observe: /Observe only/ }[host.tier]);
  if (host.missing_protections.length > 0) assert.match(text, /This host lacks: /);
  await accessible(page, 'overview');
  await shoot(page, 'overview-en-dark');
});

check('the incident list shows the self-test and opens its incident', async () => {
  incident = await until('an incident', async () => {
    const { items } = await api('/incidents?limit=50');
    return [...items].sort((a, b) => b.alert_count - a.alert_count)[0];
  });
  await go('/incidents');
  await page.waitForSelector('[role=grid] [role=row][data-row="0"]');
  await accessible(page, 'incidents');
  await shoot(page, 'incidents-en-dark');
  await page.locator('[role=row][data-row]', { hasText: incident.id }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/incidents/${incident.id}`);
  await settled(page);
});

check('the incident reads: five answers, graph, story, timeline, evidence', async () => {
  const { incident: full } = await api(`/incidents/${incident.id}`);
  assert.equal(await page.locator('h1').innerText().then((text) => text.length > 0), true);
  const answers = await page.locator('.five .panel p:first-of-type').allInnerTexts();
  assert.equal(answers.length, 5);
  for (const answer of answers) assert.notEqual(answer.trim(), '—', 'each of the five is answered');
  assert.ok((await page.locator('[data-testid=graph] .node').count()) > 1, 'the graph has processes');
  if (full.how.entry) assert.equal(await page.locator('[data-testid=graph] .node text.root').count(), 1, 'the root cause is marked');
  assert.equal(await page.locator('[data-testid=story] li').count(), full.sentences.length);
  assert.ok((await page.locator('[data-testid=timeline] tbody tr').count()) > 0);
  assert.equal(await page.locator('[data-testid=impact] li').count(), full.impact.length);
  const file = await page.evaluate(async (id) => (await fetch(`/api/v1/incidents/${id}/export?format=html&language=ja`)).text(), incident.id);
  assert.match(file, /<!doctype html>[\s\S]*影響/);
  await page.locator('[data-testid=story] a.evidence').first().click();
  await page.waitForSelector('.evidence-item details[open] .matched');
  await accessible(page, 'incident');
  await page.evaluate(() => document.querySelector('main').scrollTo(0, 0));
  await go(`/incidents/${incident.id}`);
  await shoot(page, 'console');
  await shoot(page, 'incident-en-dark-whole', { whole: true });
  await page.click('[data-testid=as-table]');
  assert.ok((await page.locator('[data-testid=tree] [role=row]').count()) > 2);
  await accessible(page, 'incident as table');
  await page.click('[data-testid=whole]');
  await shoot(page, 'incident-table-en-dark');
  await silent(page);
});

check('kill and quarantine show what they would do, and need a reason', async () => {
  await go(`/incidents/${incident.id}`);
  for (const action of ['kill', 'quarantine']) {
    const button = page.locator(`[data-testid=${action}]`).first();
    if (await button.isDisabled()) continue;
    await button.click();
    await page.waitForSelector('[data-testid=preview] p');
    assert.equal(await page.locator('[data-testid=confirm]').isDisabled(), true);
    await accessible(page, `${action} dialog`);
    await shoot(page, `${action}-dialog-en-dark`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
  }
});

check('hosts, host and its live processes, events, vault', async () => {
  await go('/hosts');
  await page.waitForSelector('[role=row][data-row="0"]');
  await accessible(page, 'hosts');
  await page.locator('[role=row][data-row="0"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/hosts/*');
  await settled(page);
  await page.locator('[role=row][data-row]', { hasText: 'systemd' }).or(page.locator('[role=row][data-row="0"]')).first().waitFor();
  await accessible(page, 'host processes');
  await shoot(page, 'host-en-dark');
  for (const tab of ['events', 'quarantine']) {
    await page.click(`[data-tab=${tab}]`);
    await settled(page);
    await accessible(page, `host ${tab}`);
  }
  await silent(page);
});

check('a hunt answers, and refuses to write or to read files', async () => {
  await go('/hunt');
  await page.fill('[data-testid=sql]', "SELECT timestamp, process_name, process_command_line FROM events WHERE event_category = 'process' LIMIT 20");
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('[data-testid=hunt-summary]', { timeout: patient });
  assert.ok((await page.locator('[role=row][data-row]').count()) > 0);
  await accessible(page, 'hunt');
  await shoot(page, 'hunt-en-dark');
  await silent(page);
  for (const sql of ['DELETE FROM events', "COPY events TO '/tmp/x'", "SELECT * FROM '/etc/passwd'", 'CREATE TABLE x AS SELECT 1', 'SELEC nothing']) {
    await page.fill('[data-testid=sql]', sql);
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('[data-testid=results] [role=alert]', { timeout: patient });
  }
  // The browser reports each refusal's status on its console.
  page.complaints = page.complaints.filter((one) => !/40\d|422/.test(one));
  await silent(page);
});

check('markup and escapes in an event stay text', async () => {
  // An argument vector cannot be forged more simply than by running something with it.
  await run('/bin/true', [hostileText]);
  await go('/hunt');
  await page.fill('[data-testid=sql]', "SELECT process_command_line FROM events WHERE process_command_line LIKE '%tamon-e2e%' AND event_category = 'process' ORDER BY timestamp DESC LIMIT 5");
  await until('the event in the store', async () => {
    await page.click('[data-testid=run]');
    await page.waitForSelector('[data-testid=hunt-summary], [data-testid=results] [role=alert]');
    return (await page.locator('[role=row][data-row]').count()) > 0;
  });
  const text = await page.locator('[data-testid=results]').innerText();
  assert.match(text, /<img src=x onerror=/);
  assert.match(text, /\\u\{1b\}\[31m/);
  assert.doesNotMatch(text, /[\u001b\u202e]/);
  const { hosts } = incident;
  await go(`/hosts/${hosts[0].id}?tab=events`);
  await page.fill('main [data-page-search]', 'tamon-e2e');
  await page.waitForFunction(() => document.querySelector('main')?.innerText.includes('\\u{1b}'));
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await silent(page);
});

check('a new alert reaches the open page without reload', async () => {
  const tamon = process.env.TAMON;
  const state = process.env.TAMON_STATE;
  await go('/alerts');
  await page.evaluate(() => {
    window.notReloaded = true;
  });
  const before = await page.evaluate(() => document.querySelector('main')?.innerText ?? '');
  const act = tamon ? spawn(tamon, [...(state ? ['--state', state] : []), 'selftest', '--output', 'json'], { stdio: 'ignore' }) : undefined;
  try {
    if (!act) await run('/bin/sh', ['-c', 'cp /bin/true /tmp/.tamon-e2e-hidden && /tmp/.tamon-e2e-hidden; rm -f /tmp/.tamon-e2e-hidden']);
    await until('the page changes by itself', async () => (await page.evaluate(() => document.querySelector('main')?.innerText ?? '')) !== before, 120_000);
    assert.equal(await page.evaluate(() => window.notReloaded), true);
  } finally {
    if (act && act.exitCode === null) await new Promise((resolve) => act.once('exit', resolve));
  }
});

const tamon = process.env.TAMON && ((args) => run(process.env.TAMON, [...(process.env.TAMON_STATE ? ['--state', process.env.TAMON_STATE] : []), ...args]));
areas(check, () => ({ page, go, api, run, tamon }));

check('every screen in Japanese and light, without a violation', async () => {
  await go('/settings');
  await page.selectOption('[data-testid=language]', 'ja');
  await page.selectOption('[data-testid=theme]', 'light');
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  const here = Object.fromEntries(Object.entries(screens).filter(([, screen]) => !screen.fixture));
  await walk(page, node, { ...here, incident: { path: `/incidents/${incident.id}`, tall: true } }, (screen) => `${screen}-ja-light`);
  await go('/settings');
  await page.selectOption('[data-testid=theme]', 'dark');
  await go(`/incidents/${incident.id}`);
  await accessible(page, 'incident ja dark');
  await shoot(page, 'incident-ja-dark');
  await silent(page);
});

check('an incident is resolved with a reason, and one signs out', async () => {
  await go(`/incidents/${incident.id}`);
  await page.click('[data-testid=resolve]');
  await page.fill('[role=dialog] textarea', 'The browser test: our own self-test.');
  await page.click('[data-testid=confirm]');
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
  assert.equal((await api(`/incidents/${incident.id}`)).incident.status, 'resolved');
  await page.locator('header.top .icon-button').last().click();
  await page.waitForURL('**/login**');
});
