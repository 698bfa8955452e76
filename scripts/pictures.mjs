// Makes the pictures of the dashboard in docs/ anew: `npm run docs:pictures`, of the made traffic of
// sample/10-dashboard. It needs Chromium, or its path in CHROMIUM.
import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { makeReady } from './build/ready.mjs';

const DAYS = 70;
const QUALITY = 80;
const WIDE = 1240;
const NARROW = 375;

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const executablePath = chromiumPath();
if (executablePath === undefined) {
  stderr.write('The pictures are made by Chromium, which is not here. Name it in CHROMIUM.\n');
  exit(1);
}
makeReady();
const { VersioningType } = await import('@nestjs/common');
const { NestFactory } = await import('@nestjs/core');
const { UsageService, UsageStorage } = await import('nestjs-track-usage');
const { chromium } = await import('playwright-core');

const folder = mkdtempSync(join(tmpdir(), 'dashboard-pictures-'));
env.DATABASE = join(folder, 'empty.sqlite');
const { ShopModule } = await ofSample('shop.module.js');
const { fillShop } = await ofSample('fill-shop.js');

const app = await NestFactory.create(ShopModule, { logger: ['error', 'warn'] });
app.enableVersioning({ type: VersioningType.URI });
await app.listen(0, '127.0.0.1');
const page = `${await app.getUrl()}/usage`;
const storage = app.get(UsageStorage);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  await picture('dashboard-empty', page);
  await fillShop(app, DAYS);
  await somebodyCalls(await app.getUrl());
  await picture('dashboard', `${page}?range=30d`, { height: 1120 });
  await picture('dashboard-light', `${page}?range=30d`);
  await picture('dashboard-dark', `${page}?range=30d`, { colorScheme: 'dark' });
  await picture('dashboard-narrow', `${page}?range=30d`, { width: NARROW });
  await picture('dashboard-routes-to-delete', `${page}?range=30d`, { panel: '#deletable' });
  await picture('dashboard-consumer', `${page}?range=30d&of.consumer=acme`, { height: 1120 });
  await print('dashboard-print', `${page}?range=30d`);
  failing(storage);
  await picture('dashboard-failing', `${page}?range=24h`, { height: 1120 });
} finally {
  await browser.close();
  await app.close();
  rmSync(folder, { recursive: true });
}

/** The whole page, as much of it as a height shows, or one panel. */
async function picture(name, url, { width = WIDE, height, panel, colorScheme = 'light' } = {}) {
  await opened(url, { viewport: { width, height: height ?? 900 }, colorScheme }, async (tab) => {
    const box = panel && (await tab.locator(panel).boundingBox());
    const whole = await tab.evaluate('document.documentElement.scrollHeight');
    const clip = box || { x: 0, y: 0, width, height: height ?? whole };
    await save(name, tab, clip);
  });
}

/** The page as it is printed on A4, one sheet below the other. */
async function print(name, url) {
  const width = 718;
  await opened(url, { viewport: { width, height: 900 } }, async (tab) => {
    await tab.emulateMedia({ media: 'print' });
    const height = await tab.evaluate('document.documentElement.scrollHeight');
    await save(name, tab, { x: 0, y: 0, width, height: Math.min(height, 1400) });
  });
}

async function opened(url, options, look) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  await tab.goto(url);
  await tab.waitForSelector('footer', { state: 'attached' });
  await tab.locator('[data-wait], [aria-busy]').first().waitFor({ state: 'detached' });
  await look(tab);
  await context.close();
}

/** WebP takes a fourth of the bytes of PNG. Playwright writes none, the browser does. */
async function save(name, tab, clip) {
  const session = await tab.context().newCDPSession(tab);
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    captureBeyondViewport: true,
    clip: { ...clip, scale: 1 },
  });
  const file = join(docs, `${name}.webp`);
  writeFileSync(file, Buffer.from(data, 'base64'));
  console.log(`${name}.webp: ${(statSync(file).size / 1000).toFixed(0)} kB`);
}

/** A few real requests, which the state of the tracking counts. */
async function somebodyCalls(url) {
  for (const path of ['/products', '/products/7', '/cart'])
    await fetch(url + path, {
      headers: { 'x-consumer': 'app-ios', 'user-agent': 'MyShop/4.12.0 (iPhone)' },
    });
  await app.get(UsageService).flush();
}

/** Reports fail from now on, but for what the tiles and the chart ask. */
function failing({ report }) {
  storage.report = (query) =>
    query.dimensions?.length
      ? Promise.reject(new Error('disk I/O error'))
      : report.call(storage, query);
}

function ofSample(name) {
  return import(new URL(`../sample/dist/10-dashboard/${name}`, import.meta.url).href);
}

function chromiumPath() {
  if (env.CHROMIUM) return env.CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}
