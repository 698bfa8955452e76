import { execFile } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWithProgram } from '../support/programs.js';
import { pages } from './snippets.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BASE = '/shop/manual/';
const TIMEOUT_MS = 300_000;
const KINDS: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.md': 'text/markdown',
  '.txt': 'text/plain',
};

describeWithProgram(['chromium', 'chromium-browser', 'google-chrome'], 'The manual', (path) => {
  let folder: string;
  let server: Server;
  let origin: string;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'track-usage-manual-'));
    await promisify(execFile)('npm', ['run', 'docs', '--', 'build', '--outDir', folder], {
      cwd: root,
      env: { ...process.env, DOCS_BASE: BASE },
    });
    server = createServer(({ url = '' }, response) => {
      const path = decodeURIComponent(new URL(url, 'http://site').pathname);
      const file = fileOf(folder, path);
      if (file === undefined) complaints.push(`no file for ${path}`);
      response.writeHead(file ? 200 : 404, { 'content-type': KINDS[extname(file ?? '')] ?? '' });
      if (file === undefined) response.end();
      else createReadStream(file).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });

  /** A page that may ask this server alone. */
  async function visit(path = ''): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.origin !== origin) complaints.push(url.href);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${origin}${BASE}${path}`, { waitUntil: 'networkidle' });
    return page;
  }

  it.each(['statement timeout', 'forget', 'p95'])(
    'finds "%s" by its search, served under a path of its own, asking nobody else',
    async (words) => {
      const page = await visit();
      const input = page.locator('#localsearch-input');
      // The button does nothing until the page's script has come.
      await vi.waitFor(
        async () => {
          if (!(await input.isVisible())) await page.click('.DocSearch-Button', { timeout: 1000 });
          await input.waitFor({ timeout: 2000 });
        },
        { timeout: TIMEOUT_MS / 2, interval: 200 },
      );
      await input.fill(words);
      const first = page.locator('#localsearch-list a').first();
      await first.waitFor();
      await first.click();
      await page.waitForFunction((base) => location.pathname !== base, BASE);
      const text = (await page.locator('main').innerText()).toLowerCase();
      for (const word of words.split(' ')) expect(text).toContain(word);
      await page.close();
      expect(complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('has each page as HTML and as Markdown, and all of them in llms.txt', () => {
    const list = readFileSync(join(folder, 'llms.txt'), 'utf8');
    for (const page of pages().slice(1)) {
      const name = page.slice('docs/'.length);
      const copy = readFileSync(join(folder, name), 'utf8');
      const text = readFileSync(join(root, page), 'utf8');
      // A page of a sample shows files of the sample, which its copy has in full.
      if (text.includes('<<<')) expect(copy.split('\n')[0]).toBe(text.split('\n')[0]);
      else expect(copy).toBe(text);
      expect(existsSync(join(folder, name.replace(/\.md$/, '.html')))).toBe(true);
      if (name !== 'index.md') expect(list).toContain(`(${BASE}${name})`);
    }
  });

  it('names what is imported by where it is imported from, and shows no tag of a docstring', () => {
    const reference = referencePages(folder);
    const { exports, name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    for (const entry of entries)
      expect(reference.some((text) => text.includes(`\n# ${name}${entry.slice(1)}\n`))).toBe(true);
    expect(reference.filter((text) => /@(publicApi|internal|module)\b/.test(text))).toEqual([]);
  });
});

/** The pages that TypeDoc has made. */
function referencePages(folder: string): string[] {
  return readdirSync(join(folder, 'reference'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(folder, 'reference', name), 'utf8'));
}

/** As a server of files finds it: the file, or the page of that name. */
function fileOf(folder: string, path: string): string | undefined {
  if (!path.startsWith(BASE)) return undefined;
  const name = path.slice(BASE.length);
  return [name, `${name}.html`, join(name, 'index.html')]
    .map((each) => join(folder, each))
    .find((each) => existsSync(each) && statSync(each).isFile());
}
