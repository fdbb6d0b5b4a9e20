// Three ways that people go every day, each within its number of clicks: triage and contain in four, hunt to response in five, a safe
// change of policy in five. Typing is no click; pressing the mouse is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../fixture/server.mjs';
import { enter, settled, silent } from './browser.mjs';

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

/** A page on which each click is counted by the page itself. */
async function counted(path) {
  const browser = await enter(server.url);
  const { page } = browser;
  await page.goto(server.url + path);
  await settled(page);
  await page.evaluate(() => {
    window.clicks = 0;
    // A click on a label makes a second one on its box: only those of a person count.
    document.addEventListener('pointerdown', () => (window.clicks += 1), true);
  });
  return { ...browser, clicks: () => page.evaluate(() => window.clicks) };
}

test('triage and contain: incident, kill, confirm with a reason, resolve: four clicks', async () => {
  const browser = await counted('/incidents');
  const { page } = browser;
  try {
    await page.locator('[role=row][data-row="0"]').click();
    await page.waitForURL('**/incidents/INC-1042');
    await page.locator('[data-testid=kill]').first().click();
    await page.waitForSelector('[data-testid=preview] p');
    await page.locator('[role=dialog] textarea').focus();
    await page.keyboard.type('It mines.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=command][data-status=done]');
    await page.click('[data-testid=resolve-now]');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    await page.waitForFunction(() => document.querySelector('.head')?.textContent?.includes('Resolved'));
    assert.equal(await browser.clicks(), 4);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('hunt to response: saved query, rows, action, confirm: five clicks at most', async () => {
  const browser = await counted('/hunt');
  const { page } = browser;
  try {
    // A saved query runs at once.
    await page.locator('.saved button').first().click();
    await page.waitForSelector('[data-testid=hunt-summary]');
    await page.locator('[data-testid=choose]').first().click();
    await page.click('[data-testid=hunt-kill_tree]');
    await page.waitForSelector('[data-testid=preview] p');
    await page.keyboard.type('It mines.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=sent] [data-testid=command][data-status=done]');
    assert.equal((await browser.clicks()) <= 5, true, `${await browser.clicks()} clicks`);
    await silent(page);
  } finally {
    await browser.close();
  }
});

test('a safe change of policy: policy, edit, simulate, roll out to a canary, confirm: five clicks', async () => {
  const browser = await counted('/policies');
  const { page } = browser;
  try {
    await page.locator('[role=grid]').first().locator('[role=row][data-row="0"]').click();
    await page.waitForURL('**/policies/web');
    await page.locator('[data-testid=policy-text]').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('medium = "alert"\n');
    await page.waitForSelector('[data-testid=check][data-ok=true]');
    await page.click('[data-testid=simulate]');
    await page.waitForSelector('[data-testid=simulation-sum]');
    await page.click('[data-testid=roll-out]');
    await page.waitForSelector('[role=dialog] [data-testid=diff] .plus');
    assert.deepEqual(await page.locator('[role=dialog] input[type=checkbox]:checked').evaluateAll((boxes) => boxes.map((box) => box.dataset.host)), ['web-03'], 'one canary');
    await page.keyboard.type('Tell of medium findings.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=sent] [data-testid=command][data-status=done]');
    assert.equal(await browser.clicks(), 5);
    await silent(page);
  } finally {
    await browser.close();
  }
});
