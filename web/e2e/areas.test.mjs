// Malware, rules, ATT&CK, lockdown, policies, recovery and the query builder on the fixture, under the node's policy: both languages,
// both themes, no violation, no word on the console; hostile text inert; by keyboard; every dialog shows what it would do first.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../fixture/server.mjs';
import { accessible, enter, open, settled, shoot, silent, tabTo } from './browser.mjs';

const screens = {
  malware: '/malware',
  'malware-quarantine': '/malware?tab=quarantine',
  scanners: '/malware?tab=scanners',
  scans: '/malware?tab=scans',
  rules: '/rules',
  rule: '/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277',
  'rule-operator': '/rules/own-1',
  detector: '/rules/behaviour.reverse-shell',
  'new-rule': '/rules/new',
  attack: '/attack',
  'attack-told': '/attack?show=told&technique=T1021',
  lockdown: '/lockdown',
  'lockdown-host': '/lockdown?host=h2',
  policies: '/policies',
  policy: '/policies/web',
  'policy-from-host': '/policies/web?from=h1',
  recovery: '/recovery',
  'recovery-incident': '/recovery?incident=INC-1042',
};
const tall = ['rule', 'lockdown-host', 'policy', 'recovery', 'scans', 'scanners'];
let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

for (const [locale, theme] of [['en-GB', 'dark'], ['ja-JP', 'dark'], ['en-GB', 'light'], ['ja-JP', 'light']]) {
  test(`every screen of protection, ${locale}, ${theme}`, async () => {
    const browser = await enter(server.url, { locale, theme });
    const { page } = browser;
    try {
      const name = (screen) => `fixture-${screen}-${locale.slice(0, 2)}-${theme}`;
      for (const [screen, path] of Object.entries(screens)) {
        await page.goto(server.url + path);
        await settled(page);
        await accessible(page, name(screen));
        await shoot(page, name(screen), { whole: tall.includes(screen) });
      }
      if ((locale === 'en-GB') === (theme === 'dark')) await inside(page, name);
      assert.equal(await page.evaluate(() => window.hacked), undefined, 'hostile text must stay text');
      assert.equal(await page.locator('main img').count(), 0);
      await silent(page);
    } finally {
      await browser.close();
    }
  });
}

const go = async (page, path) => {
  await page.goto(server.url + path);
  await settled(page);
};

/** Opens a dialog, looks at it, closes it. */
async function dialog(page, name, opener, ready) {
  await page.locator(opener).first().click();
  await page.waitForSelector(ready);
  await page.waitForTimeout(100);
  await accessible(page, name);
  await shoot(page, name);
  await page.keyboard.press('Escape');
  await page.waitForSelector('[role=dialog]', { state: 'detached' });
}

/** What opens within the screens. */
async function inside(page, name) {
  await go(page, '/malware');
  await page.locator('[role=row][data-row="0"]').click();
  await page.waitForSelector('[data-testid=explained] [data-testid=contributions]');
  assert.equal(await page.locator('[data-testid=voices] li').count(), 5, 'each voice is listed');
  await accessible(page, name('verdict'));
  await shoot(page, name('verdict'), { whole: true });
  await go(page, '/malware?tab=quarantine');
  await dialog(page, name('restore-dialog'), 'main tbody button', '[data-testid=preview] [data-testid=file-verdict]');
  await go(page, '/malware?tab=scans');
  await page.locator('details.found > summary').first().click();
  await accessible(page, name('scan-found'));
  await dialog(page, name('scan-dialog'), '[data-testid=start-scan]', '[data-testid=scan-paths]');
  await go(page, '/lockdown?host=h2');
  await dialog(page, name('trust-dialog'), '[data-testid=unknown] button', '[data-testid=preview] .facts');
  await dialog(page, name('lock-dialog'), '[data-testid=lock]', '[role=dialog] select');
  await go(page, '/policies');
  await dialog(page, name('new-policy'), '[data-testid=new-policy]', '[role=dialog] input');
  await dialog(page, name('policy-in-force'), '[role=grid] >> nth=1 >> [role=row][data-row="0"]', '[role=dialog] pre');
  await go(page, '/policies/web');
  await page.fill('[data-testid=policy-text]', 'version = 1\nmoed = "enforce"\n');
  await page.waitForSelector('[data-testid=check][role=alert]');
  assert.match(await page.locator('[data-testid=check]').innerText(), /2[\s\S]*moed/);
  assert.equal(await page.locator('[data-testid=roll-out]').isDisabled(), true, 'what is no policy goes nowhere');
  await accessible(page, name('policy-fault'));
  await shoot(page, name('policy-fault'));
  await page.fill('[data-testid=policy-text]', 'version = 1\nmode = "enforce"\n');
  await page.waitForSelector('[data-testid=check][data-ok=true]');
  await page.click('[data-testid=simulate]');
  await page.waitForSelector('[data-testid=simulation-sum]');
  await accessible(page, name('policy-simulated'));
  await shoot(page, name('policy-simulated'), { whole: true });
  await dialog(page, name('roll-out'), '[data-testid=roll-out]', '[role=dialog] [data-testid=diff]');
  await go(page, '/recovery');
  await dialog(page, name('roll-back'), '[role=row][data-row="0"] button', '[data-testid=rollback-report]');
  await go(page, '/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277');
  await page.click('[data-testid=test-rule]');
  await page.waitForSelector('[data-testid=test-sum][data-hits="2"]');
  await page.click('[data-testid=backtest]');
  await page.waitForSelector('[data-testid=backtest-sum]');
  await accessible(page, name('rule-tested'));
  await shoot(page, name('rule-tested'), { whole: true });
  await go(page, '/hunt');
  await dialog(page, name('builder'), '[data-testid=build]', '[data-testid=built]');
}

test('hostile text of hosts is shown, escaped and inert', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    for (const path of ['/malware', '/malware?tab=scanners', '/rules?state=operator', '/rules/own-1', '/lockdown?host=h2', '/policies', '/policies/web?from=h1', '/recovery']) {
      await go(page, path);
      const text = await page.evaluate(() => document.querySelector('main').innerText + [...document.querySelectorAll('main textarea')].map((area) => area.value).join(''));
      assert.match(text, /<img src=x onerror=/, `${path} shows the markup as text`);
      const shown = await page.locator('main').innerText();
      if (!path.includes('from=')) assert.match(shown, /\\u\{1b\}\[31m/, `${path} shows the escape`);
      assert.doesNotMatch(shown, /[\u001b\u202e]/, `${path} holds no raw control`);
    }
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a technique opens by keyboard alone, with its rules', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/attack');
    await page.waitForSelector('[data-testid=matrix]');
    await tabTo(page, '.fold');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.subs .cell');
    await tabTo(page, '.subs .cell');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=technique] li a');
    const link = await page.locator('a[download]').first().getAttribute('href');
    assert.match(link, /^\/api\/v1\/attack\/layer\?kind=coverage/);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('what the hosts cannot answer is said on each page', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    for (const path of ['/malware?tab=scanners', '/malware?tab=scans', '/lockdown', '/recovery']) {
      await go(page, path);
      assert.match(await page.locator('main').innerText(), /Answered: 2 · Away: 1[\s\S]*build-7/, path);
    }
  } finally {
    await browser.close();
  }
});

test('the builder writes a question and runs it', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await go(page, '/hunt');
    await page.click('[data-testid=build]');
    await page.locator('[data-testid=condition] select').first().selectOption('process_name');
    await page.locator('[data-testid=condition] select').nth(1).selectOption('begins');
    await page.locator('[data-testid=condition] input').first().fill("k'd_");
    assert.match(await page.locator('[data-testid=built]').innerText(), /process_name LIKE 'k''d\\_%'/);
    await page.click('[data-testid=use-built]');
    await page.waitForSelector('[data-testid=hunt-summary]');
    assert.match(await page.inputValue('[data-testid=sql]'), /k''d/);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a viewer changes nothing', async () => {
  const browser = await open();
  const { page } = browser;
  try {
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      await route.fulfill({ response, json: { ...body, role: 'viewer' } });
    });
    await page.goto(`${server.url}/#token=fixture-token-fixture`);
    await page.waitForFunction(() => location.hash === '' && document.querySelector('h1'));
    for (const [path, button] of [['/policies/web', 'roll-out'], ['/policies/web', 'simulate'], ['/malware?tab=scans', 'start-scan'], ['/lockdown?host=h2', 'lock'], ['/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277', 'backtest']]) {
      await go(page, path);
      assert.equal(await page.locator(`[data-testid=${button}]`).isDisabled(), true, `${path} ${button}`);
    }
    await silent(page);
  } finally {
    await browser.close();
  }
});
