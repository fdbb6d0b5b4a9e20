// Malware, rules, ATT&CK, lockdown, policies and the query builder on the fixture: what people do there, by keyboard too, and what a
// viewer may not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../fixture/server.mjs';
import { enter, open, settled, silent, tabTo } from './browser.mjs';

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

const go = async (page, path) => {
  await page.goto(server.url + path);
  await settled(page);
};

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
    for (const [path, button] of [['/policies/web', 'roll-out'], ['/policies/web', 'simulate'], ['/malware?tab=scans', 'start-scan'], ['/lockdown?host=h2', 'lock'], ['/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277', 'backtest'], ['/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277', 'save-rule'], ['/rules/mine-1', 'remove-rule'], ['/rules?tab=silenced', 'new-silence'], ['/intelligence', 'add-indicators'], ['/incidents/INC-1042', 'take-file']]) {
      await go(page, path);
      assert.equal(await page.locator(`[data-testid=${button}]`).isDisabled(), true, `${path} ${button}`);
    }
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a rule is changed, and goes to the node under an id of its own', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await go(page, '/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277');
    const text = await page.inputValue('[data-testid=rule-text]');
    await page.fill('[data-testid=rule-text]', text.replace('level: low', 'level: high'));
    await page.click('[data-testid=save-rule]');
    assert.equal(await page.inputValue('[data-testid=rule-name]'), 'own-960581c3-8a1c-48f9-b10e-fbaaa288f277.yml');
    await page.fill('[role=dialog] textarea', 'It must be told at once.');
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/rules/node'));
    await page.click('[data-testid=confirm]');
    const { rules, reason, base } = (await sent).postDataJSON();
    assert.match(rules[0].text, /level: high/);
    assert.doesNotMatch(rules[0].text, /960581c3/, 'the copy must not bear the id of the rule that it began from');
    assert.deepEqual([reason, base], ['It must be told at once.', 0]);
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    // The fixture knows no such rule: that is said, not shown as an empty page.
    await page.waitForSelector('[role=alert]');
    page.complaints = page.complaints.filter((one) => !/404/.test(one));
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a rule on the node is changed from an earlier version; what cannot be used changes nothing', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await go(page, '/rules/mine-1');
    assert.equal(await page.locator('[data-testid=save-rule]').isDisabled(), true, 'nothing is different yet');
    await page.locator('[data-testid=versions] > li').nth(1).locator('button').nth(1).click();
    await page.waitForFunction(() => document.querySelector('[data-testid=rule-text]')?.value.includes('level: high'));
    await page.click('[data-testid=save-rule]');
    await page.waitForSelector('[role=dialog] [data-testid=diff] .plus');
    await page.keyboard.press('Escape');
    await page.fill('[data-testid=rule-text]', 'title: no detection\n');
    await page.click('[data-testid=save-rule]');
    await page.fill('[role=dialog] textarea', 'A try.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=rejected]');
    assert.match(await page.locator('[data-testid=rejected]').innerText(), /condition/);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('the model gives its reasons in the reader’s language', async () => {
  for (const [locale, words] of [['en-GB', /decodes data and runs what comes out/], ['ja-JP', /データを復号してその結果を実行する/]]) {
    const browser = await enter(server.url, { locale });
    const { page } = browser;
    try {
      await go(page, '/malware');
      await page.locator('[role=row][data-row="0"]').click();
      await page.waitForSelector('[data-testid=explained] [data-testid=contributions]');
      const text = await page.locator('[data-testid=explained]').innerText();
      assert.match(text, words);
      assert.doesNotMatch(text, /model_reason/, 'the reasons stand in the chart, not among the fields');
    } finally {
      await browser.close();
    }
  }
});

test('a query of the team is changed, or kept beside it', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await go(page, '/hunt');
    await page.locator('.saved button', { hasText: 'Rare outbound' }).first().click();
    await page.waitForSelector('[data-testid=hunt-summary]');
    await page.fill('[data-testid=sql]', 'SELECT destination_ip FROM events');
    await page.click('[data-testid=save-query]');
    const sent = page.waitForRequest((request) => request.method() === 'PUT');
    await page.click('[data-testid=confirm]');
    assert.match((await sent).url(), /saved-queries\/s2$/);
    assert.deepEqual((await sent).postDataJSON(), { name: 'Rare outbound addresses', description: '', sql: 'SELECT destination_ip FROM events' });
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    await page.click('[data-testid=save-query]');
    await page.locator('[role=dialog] select').selectOption('new');
    const made = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/saved-queries'));
    await page.click('[data-testid=confirm]');
    await made;
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a process of a host is ended from its page, after its preview', async () => {
  const browser = await enter(server.url);
  const { page } = browser;
  try {
    await go(page, '/hosts/h1');
    await page.locator('[role=row][data-row="3"]').focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid=process]');
    await page.click('[data-testid=host-kill_tree]');
    await page.waitForSelector('[data-testid=preview] p');
    await page.fill('[role=dialog] textarea', 'It mines.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=sent] [data-testid=command][data-status=done]');
    await silent(page);
  } finally {
    await browser.close();
  }
});
