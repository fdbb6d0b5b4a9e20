// What every browser test needs: Debian's Chromium, a page whose console must stay silent, axe, screenshots.
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const executable = process.env.TAMON_CHROMIUM ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const shots = process.env.TAMON_SCREENSHOTS ?? new URL('shots', import.meta.url).pathname;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A browser with one page. `page.complaints` holds what the console said: an empty list at the end of each test. */
export async function open({ locale = 'en-GB', theme = 'dark', width = 1440, height = 900 } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'tamon-web-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: executable, headless: true, args: flags, locale, colorScheme: theme, viewport: { width, height }, reducedMotion: 'reduce', acceptDownloads: true });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15_000);
  page.complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.complaints.push(message.text()));
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  return {
    page,
    context,
    profile,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** The same, signed in to the fixture by a link as the command line prints it. */
export async function enter(url, options) {
  const browser = await open(options);
  await browser.page.goto(`${url}/#token=fixture-token-fixture`);
  await browser.page.waitForFunction(() => location.hash === '' && location.pathname === '/' && document.querySelector('h1'));
  await settled(browser.page);
  return browser;
}

export async function tabTo(page, selector, key = 'Tab') {
  for (let step = 0; step < 90; step += 1) {
    await page.keyboard.press(key);
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`${key} does not reach ${selector}`);
}

/** Loading is over: nothing says "loading", and the page's heading stands. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && ![...document.querySelectorAll('[role="status"]')].some((one) => one.classList.contains('empty')));
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(150);
}

/** Axe with the WCAG 2.2 A and AA rules; run through the debugger, which the page's policy does not bind. */
export async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: 'tag', values } }), levels);
  const told = violations.map((one) => `${one.id}: ${one.nodes.slice(0, 4).map((node) => `${node.target.join(' ')} — ${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ''}`).join(' | ')}`);
  assert.deepEqual(told, [], `axe on ${name}`);
}

export async function shoot(page, name, { whole = false } = {}) {
  await mkdir(shots, { recursive: true });
  if (whole) await growToContent(page);
  await page.screenshot({ path: join(shots, `${name}.png`) });
  if (whole) await page.setViewportSize({ width: 1440, height: 900 });
}

/** The frame scrolls inside, so a whole-page picture needs a tall window. */
async function growToContent(page) {
  const height = await page.evaluate(() => (document.querySelector('main')?.scrollHeight ?? 0) + 60);
  await page.setViewportSize({ width: 1440, height: Math.min(Math.max(height, 900), 4000) });
  await page.waitForTimeout(200);
}

export async function silent(page) {
  assert.deepEqual(page.complaints, [], 'the console must stay silent');
}
