// The built console under the node's strict policy, with the fixture world for an API: every screen in both languages and both
// themes without an accessibility violation or a word on the console; hostile text inert; keyboard alone; live without reload.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../fixture/server.mjs';
import { accessible, enter, open, settled, shoot, silent, tabTo } from './browser.mjs';
import { insideAreas } from './inside-areas.mjs';
import { inert, screens, walk } from './screens.mjs';

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

const signedIn = (options) => enter(server.url, options);

for (const [locale, theme] of [['en-GB', 'dark'], ['ja-JP', 'dark'], ['en-GB', 'light'], ['ja-JP', 'light']]) {
  test(`every screen, ${locale}, ${theme}`, async () => {
    const browser = await open({ locale, theme });
    const { page } = browser;
    try {
      const name = (screen) => `fixture-${screen}-${locale.slice(0, 2)}-${theme}`;
      await page.goto(`${server.url}/login`);
      await settled(page);
      await accessible(page, name('login'));
      await page.goto(`${server.url}/login#token=fixture-token-fixture`);
      await page.waitForURL(`${server.url}/`);
      await walk(page, server.url, screens, name);
      // What opens within a screen: once in each language and once in each theme.
      if ((locale === 'en-GB') === (theme === 'dark')) {
        await inside(page, name);
        await insideAreas(page, server.url, name);
      }
      await inert(page, name('last'));
      await silent(page);
    } finally {
      await browser.close();
    }
  });
}

/** What opens within the incident and the frame: table, full graph, evidence, export, dialogs, palette, keys. */
async function inside(page, name) {
  await page.goto(`${server.url}/integrity?view=pci`);
  await settled(page);
  await page.locator('[role=row][data-row]').first().click();
  await page.waitForSelector('.integrity-detail .diff');
  await accessible(page, name('integrity-change'));
  await shoot(page, name('integrity-change'));
  await page.goto(`${server.url}/incidents/INC-1042`);
  await settled(page);
  await page.click('[data-testid=as-table]');
  await accessible(page, name('tree-table'));
  await page.click('[data-testid=whole]');
  await page.waitForTimeout(100);
  await accessible(page, name('whole-table'));
  await page.click('[data-testid=as-table] >> xpath=preceding-sibling::button');
  await page.waitForSelector('.graph canvas');
  await shoot(page, name('whole-graph'));
  await page.locator('[data-testid=story] a.evidence').nth(1).click();
  await page.waitForSelector('.evidence-item details[open] .matched');
  assert.equal(await page.locator('.evidence-item').count(), 2, 'the sentence rests on two alerts');
  await accessible(page, name('evidence'));
  await page.evaluate(() => document.querySelector('main').scrollTo(0, 0));
  await page.click('[data-testid=export] summary');
  const links = await page.locator('[data-testid=export] a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
  assert.deepEqual(links.map((link) => new URLSearchParams(link.split('?')[1]).get('format')), ['html', 'pdf', 'json', 'stix', 'navigator']);
  await accessible(page, name('export-menu'));
  await shoot(page, name('export-menu'));
  await page.keyboard.press('Escape');
  for (const dialog of ['kill', 'quarantine', 'resolve', 'take-file']) {
    await page.click(`[data-testid=${dialog}]`);
    await page.waitForSelector(['kill', 'quarantine'].includes(dialog) ? '[data-testid=preview] p' : '[role=dialog] textarea');
    await accessible(page, name(`${dialog}-dialog`));
    await shoot(page, name(`${dialog}-dialog`));
    await page.keyboard.press('Escape');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
  }
  for (const [key, what] of [['?', 'keys'], ['Control+k', 'palette']]) {
    await page.keyboard.press(key);
    await page.waitForSelector('[role=dialog]');
    await accessible(page, name(what));
    await page.keyboard.press('Escape');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
  }
}

test('hostile text is shown, escaped and inert', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    const shown = ['incidents', 'incident', 'alerts', 'malware', 'scanners', 'host', 'host-events', 'silenced', 'rule-operator', 'rule-on-node', 'intelligence', 'lockdown-host', 'policies', 'recovery', 'audit', 'settings'];
    for (const screen of shown) {
      await page.goto(server.url + screens[screen].path);
      await settled(page);
      const text = await page.locator('main').innerText();
      assert.match(text, /<img src=x onerror=/, `${screen} shows the markup as text`);
      assert.match(text, /\\u\{1b\}\[31m/, `${screen} shows the escape`);
      await inert(page, screen);
    }
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('each sentence of an incident leads to its events, and the strip answers all seven', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.goto(`${server.url}/incidents/INC-1042`);
    await settled(page);
    assert.equal(await page.locator('.five .panel').count(), 5);
    for (const part of ['.five .panel', '[data-testid=impact] li', '[data-testid=next-steps] li', '[data-testid=story] li']) {
      const all = page.locator(part);
      assert.ok((await all.count()) > 0, part);
      if (part === '[data-testid=next-steps] li') continue;
      for (const one of await all.all()) assert.match(await one.innerText(), /\d alerts?/, `${part}: ${await one.innerText()}`);
    }
    await page.locator('[data-testid=impact] li a').nth(1).click();
    await page.waitForSelector('.evidence-item details[open] .matched');
    assert.equal(await page.locator('.evidence-item').count(), 2);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a fold opens in its place', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.goto(`${server.url}/incidents/INC-1042`);
    await settled(page);
    const nodes = () => page.locator('[data-testid=graph] .node').count();
    const before = await nodes();
    await page.locator('[data-testid=graph] .node.is-fold').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((old) => document.querySelectorAll('[data-testid=graph] .node').length > old || document.querySelector('.graph canvas'), before);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('from the list to a killed process tree by keyboard alone', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.waitForURL('**/incidents');
    await page.waitForSelector('[role=grid] [role=row][data-row="0"]');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search');
    await tabTo(page, '[role=row][data-row]');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-row') === '1');
    await page.keyboard.press('ArrowUp');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-row') === '0');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/INC-1042');
    await tabTo(page, '.node');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('[data-testid=chosen]')?.textContent?.startsWith('sh'));
    await tabTo(page, '[data-testid=kill]', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=preview] p');
    assert.equal(await page.locator('[data-testid=confirm]').isDisabled(), true, 'no action without a reason');
    await tabTo(page, 'textarea');
    await page.keyboard.type('It mines.');
    await tabTo(page, '[data-testid=confirm]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=command][data-status=done]');
    await page.keyboard.press('Escape');
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('live: figures change without reload; a lost stream is said and found again', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.waitForSelector('[data-live=live]');
    const { ingest, store } = (await import('../fixture/world.mjs')).overview;
    server.send({ type: 'overview', data: { ingest: { ...ingest, events_per_second: 4321 }, store, connected: 2, open_incidents: 7 } });
    await page.waitForFunction(() => document.querySelector('[data-testid=rate]')?.textContent === '4,321');
    server.drop();
    await page.waitForSelector('[data-live=stale]');
    await page.waitForSelector('[data-live=live]');
  } finally {
    await browser.close();
  }
});

test('the palette finds an incident, density and theme are remembered', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.keyboard.press('Control+k');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox');
    await page.keyboard.type('INC-1042');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/INC-1042');
    await page.goto(`${server.url}/settings`);
    await page.selectOption('[data-testid=density]', 'compact');
    await page.selectOption('[data-testid=theme]', 'light');
    await page.reload();
    await settled(page);
    const { mantineColorScheme, density } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
    assert.deepEqual([mantineColorScheme, density], ['light', 'compact']);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a refused query is worded', async () => {
  const browser = await signedIn();
  const { page } = browser;
  try {
    await page.goto(`${server.url}/hunt`);
    await page.fill('[data-testid=sql]', 'DELETE FROM events');
    await page.click('[data-testid=run]');
    await page.waitForSelector('[data-testid=results] [role=alert]');
    assert.match(await page.locator('[data-testid=results]').innerText(), /hunts only read/);
  } finally {
    await browser.close();
  }
});
