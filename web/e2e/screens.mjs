// Every screen of the console, once: what the browser tests walk over, on the fixture and on a real node. And what each must be,
// whatever it shows: accessible, inert, whole.
import assert from 'node:assert/strict';
import { accessible, settled, shoot } from './browser.mjs';

/** `tall` ones are shown whole. Those of the `fixture` name things that only it has. */
export const screens = {
  overview: { path: '/' },
  incidents: { path: '/incidents' },
  incident: { path: '/incidents/INC-1042', tall: true, fixture: true },
  alerts: { path: '/alerts' },
  malware: { path: '/malware' },
  'malware-quarantine': { path: '/malware?tab=quarantine' },
  scanners: { path: '/malware?tab=scanners', tall: true },
  scans: { path: '/malware?tab=scans', tall: true },
  hosts: { path: '/hosts' },
  host: { path: '/hosts/h1', fixture: true },
  'host-containers': { path: '/hosts/h1?tab=containers', fixture: true },
  'host-events': { path: '/hosts/h1?tab=events', fixture: true },
  'host-quarantine': { path: '/hosts/h1?tab=quarantine', fixture: true },
  hunt: { path: '/hunt', ready: runQuery },
  rules: { path: '/rules' },
  silenced: { path: '/rules?tab=silenced' },
  rule: { path: '/rules/960581c3-8a1c-48f9-b10e-fbaaa288f277', tall: true, fixture: true },
  'rule-operator': { path: '/rules/own-1', fixture: true },
  'rule-on-node': { path: '/rules/mine-1', tall: true, fixture: true },
  detector: { path: '/rules/behaviour.reverse-shell', fixture: true },
  'new-rule': { path: '/rules/new' },
  intelligence: { path: '/intelligence' },
  attack: { path: '/attack' },
  'attack-told': { path: '/attack?show=told&technique=T1021', fixture: true },
  integrity: { path: '/integrity' },
  'integrity-pci': { path: '/integrity?view=pci' },
  'integrity-cis': { path: '/integrity?view=cis&requirement=privilege&expected=yes' },
  baselines: { path: '/baselines' },
  lockdown: { path: '/lockdown' },
  'lockdown-host': { path: '/lockdown?host=h2', tall: true, fixture: true },
  policies: { path: '/policies' },
  policy: { path: '/policies/web', tall: true, fixture: true },
  'policy-from-host': { path: '/policies/web?from=h1', fixture: true },
  recovery: { path: '/recovery', tall: true },
  'recovery-incident': { path: '/recovery?incident=INC-1042', fixture: true },
  quarantine: { path: '/quarantine' },
  reports: { path: '/reports' },
  audit: { path: '/audit' },
  settings: { path: '/settings' },
};

async function runQuery(page) {
  await page.click('[data-testid=run]');
  await page.waitForSelector('[data-testid=hunt-summary], [data-testid=results] [role=alert]');
}

/** Visits each; `name(screen)` is its picture's. */
export async function walk(page, url, chosen, name) {
  for (const [screen, { path, tall, ready }] of Object.entries(chosen)) {
    await page.goto(url + path);
    await settled(page);
    await ready?.(page);
    await accessible(page, name(screen));
    await whole(page, name(screen));
    await inert(page, name(screen));
    await shoot(page, name(screen), { whole: tall === true });
  }
}

/** What hosts say stays text: no element of its making, no control that could hide or reorder its neighbours. */
export async function inert(page, name) {
  assert.equal(await page.evaluate(() => window.hacked), undefined, `${name}: hostile text must stay text`);
  assert.equal(await page.locator('main img').count(), 0, `${name}: an image of somebody else's`);
  assert.doesNotMatch(await page.locator('main').innerText(), /[\u001b\u202e]/, `${name} holds a raw control`);
}

/** No word of a button is cut, nothing stands outside the window or can only be pressed by mouse, and in Japanese no sentence of ours is
 * English. */
export async function whole(page, name) {
  const faults = await page.evaluate(() => {
    const shown = (element) => element.getClientRects().length > 0;
    const cut = [...document.querySelectorAll('main button, main summary, main [role=tab]')].filter((one) => shown(one) && !one.closest('[role=grid], .clip') && one.scrollWidth > one.clientWidth + 1);
    const wide = document.documentElement.scrollWidth > window.innerWidth ? ['the page is wider than its window'] : [];
    const ours = document.documentElement.lang !== 'ja' ? [] : [...document.querySelectorAll('main *')].filter((one) => shown(one) && !one.closest('.hostile, .mono, pre, code, kbd, svg, textarea, option, .visually-hidden, [lang=en]')).flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && /[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}/.test(node.data) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(node.data)).map((node) => `not translated: ${node.data.trim().slice(0, 80)}`));
    const reached = 'a[href], button, summary, label, input, select, textarea, [tabindex]';
    const presses = (one) => getComputedStyle(one).cursor === 'pointer';
    const mouseOnly = [...document.querySelectorAll('main *')].filter((one) => shown(one) && presses(one) && !presses(one.parentElement) && !one.closest(reached) && !one.querySelector(reached));
    return [...cut.map((one) => `cut: ${one.innerText.slice(0, 60)}`), ...mouseOnly.map((one) => `not for the keyboard: ${one.outerHTML.slice(0, 80)}`), ...wide, ...ours];
  });
  assert.deepEqual(faults, [], name);
}
