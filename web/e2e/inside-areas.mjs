// What opens within the screens on malware, rules, lockdown, policies, recovery, indicators and settings: every dialog shows what it
// would do first, and is as accessible as its page.
import assert from 'node:assert/strict';
import { accessible, settled, shoot } from './browser.mjs';

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
export async function insideAreas(page, url, name) {
  const go = async (to, path) => {
    await to.goto(url + path);
    await settled(to);
  };
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
  await dialog(page, name('save-rule'), '[data-testid=save-rule]', '[data-testid=rule-name]');
  await dialog(page, name('silence-dialog'), '[data-testid=silence]', '[data-testid=silence-rule]');
  await go(page, '/rules/mine-1');
  await page.locator('[data-testid=versions] button').first().click();
  await page.waitForSelector('[data-testid=versions] [data-testid=diff]');
  await accessible(page, name('rule-versions'));
  await dialog(page, name('remove-rule'), '[data-testid=remove-rule]', '[role=dialog] textarea');
  await go(page, '/rules?tab=silenced');
  await dialog(page, name('decide-dialog'), '[data-testid=suppressions] button', '[role=dialog] textarea');
  await go(page, '/intelligence');
  await dialog(page, name('indicators-dialog'), '[data-testid=add-indicators]', '[data-testid=indicator-values]');
  await go(page, '/settings');
  await dialog(page, name('revoke-dialog'), '[data-testid=agents] button', '[role=dialog] textarea');
  await go(page, '/hunt');
  await dialog(page, name('builder'), '[data-testid=build]', '[data-testid=built]');
}
