// How heavy the console is and how long it takes: bytes on the wire, first paint, the graph of two thousand nodes, a frame of moving it,
// a frame of scrolling ten thousand rows. Processor time is that of the whole browser, so it holds on a busy machine. The built console
// in dist, with the fixture for an API. Lines for people, then one line of JSON.
import { readdir, readFile, stat } from 'node:fs/promises';
import { serve } from '../fixture/server.mjs';
import { enter, open, settled } from './browser.mjs';

const dist = new URL('../dist/', import.meta.url).pathname;
const rounds = 5;
const frames = 60;
const tick = 10;

/** What comes over the wire: the compressed file, or the file itself where it is not worth it. */
const wire = async (name) => (await stat(`${dist}${name}.br`).catch(() => stat(dist + name))).size;

async function sizes() {
  const index = await readFile(`${dist}index.html`, 'utf8');
  const first = [...index.matchAll(/(?:src|href)="\/?(assets\/[^"]+)"/g)].map((match) => match[1]);
  const every = (await readdir(`${dist}assets`)).filter((name) => /\.(js|css)$/.test(name)).map((name) => `assets/${name}`);
  const sum = async (names) => (await Promise.all(names.map(wire))).reduce((all, one) => all + one, 0);
  return { 'first load kB': ((await sum(first)) + (await wire('index.html'))) / 1000, 'all pages kB': (await sum(every)) / 1000 };
}

/** Milliseconds of processor time that the process and all below it have had. */
async function cpu(root) {
  const all = new Map();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (text) all.set(pid, { parent: fields[1], time: (Number(fields[11]) + Number(fields[12])) * tick });
  }
  const below = (pid, steps = 0) => pid === root || (steps < 50 && all.has(pid) && below(all.get(pid).parent, steps + 1));
  return [...all].filter(([pid]) => below(pid)).reduce((sum, [, { time }]) => sum + time, 0);
}

/** The browser's first process: it bears our folder and no type. */
async function browserOf(folder) {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes(`--user-data-dir=${folder}`) && !words.some((word) => word.startsWith('--type='))) return pid;
  }
  throw new Error('the browser is not among the processes');
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function firstPaint(url) {
  const [paint, drawn, work] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const browser = await open();
    const { page } = browser;
    try {
      const root = await browserOf(browser.profile);
      const before = await cpu(root);
      await page.goto(`${url}/login`);
      await settled(page);
      paint.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN));
      await page.goto(`${url}/#token=fixture-token-fixture`);
      await page.waitForSelector('.host-line');
      drawn.push(await page.evaluate(() => performance.now()));
      work.push((await cpu(root)) - before);
    } finally {
      await browser.close();
    }
  }
  return { 'first paint ms': median(paint), 'overview drawn ms': median(drawn), 'sign-in and overview cpu ms': median(work) };
}

async function graph(url) {
  const browser = await enter(url);
  const { page } = browser;
  try {
    const root = await browserOf(browser.profile);
    await page.goto(`${url}/incidents/INC-2000`);
    await settled(page);
    const before = await cpu(root);
    const shown = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const begin = performance.now();
          const look = () => (document.querySelector('.graph canvas') ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begin))) : requestAnimationFrame(look));
          document.querySelector('[data-testid=whole]').click();
          look();
        }),
    );
    const work = (await cpu(root)) - before;
    const box = await page.locator('.graph canvas').boundingBox();
    const middle = [box.x + box.width / 2, box.y + box.height / 2];
    const moved = await cpu(root);
    await page.mouse.move(...middle);
    await page.mouse.down();
    for (let frame = 0; frame < frames; frame += 1) await page.mouse.move(middle[0] - frame * 4, middle[1] - frame * 3);
    await page.mouse.up();
    const zoomed = await cpu(root);
    for (let frame = 0; frame < frames; frame += 1) await page.mouse.wheel(0, frame < frames / 2 ? 40 : -40);
    await page.waitForTimeout(100);
    const end = await cpu(root);
    return { 'graph of 2000 ms': shown, 'graph of 2000 cpu ms': work, 'pan cpu ms a frame': (zoomed - moved) / frames, 'zoom cpu ms a frame': (end - zoomed) / frames };
  } finally {
    await browser.close();
  }
}

async function table(url) {
  const browser = await enter(url);
  const { page } = browser;
  try {
    const root = await browserOf(browser.profile);
    await page.goto(`${url}/hunt`);
    await page.fill('[data-testid=sql]', 'SELECT * FROM events LIMIT 10000');
    await page.click('[data-testid=run]');
    await page.waitForSelector('[data-testid=hunt-summary]');
    await page.locator('[data-testid=results] [role=grid]').hover();
    const before = await cpu(root);
    for (let frame = 0; frame < frames; frame += 1) await page.mouse.wheel(0, 240);
    await page.waitForTimeout(100);
    return { 'scroll of 10000 rows cpu ms a frame': ((await cpu(root)) - before) / frames };
  } finally {
    await browser.close();
  }
}

const server = await serve();
try {
  const figures = { ...(await sizes()), ...(await firstPaint(server.url)), ...(await graph(server.url)), ...(await table(server.url)) };
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(38)} ${value.toFixed(1)}`);
  console.log(JSON.stringify({ figures }));
} finally {
  server.close();
}
