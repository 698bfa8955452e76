import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startPrometheusWith } from '../metrics/support/prometheus-server.js';
import { describeWithProgram } from '../support/programs.js';
import { readSnippets } from './snippets.js';

const TOKEN = 'of-the-scraper';

describeWithProgram(['prometheus'], "The manual's scrape_configs", (program) => {
  it('send the bearer token that the guard asks for', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'track-usage-scrape-'));
    const file = join(folder, 'metrics-token');
    await writeFile(file, `${TOKEN}\n`);
    const shop = createServer(({ url, headers }, response) => {
      const isAllowed = url === '/metrics' && headers.authorization === `Bearer ${TOKEN}`;
      response.writeHead(isAllowed ? 200 : 403, { 'content-type': 'text/plain; version=0.0.4' });
      response.end('shop_requests_total 7\n');
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    const { port } = shop.address() as AddressInfo;
    const snippet = (await readSnippets()).find(({ name }) => name === 'prometheus.yml')!;
    const config = snippet.text
      .replace('/etc/prometheus/metrics-token', file)
      .replace('shop.example:3000', `127.0.0.1:${port}`);
    const server = await startPrometheusWith(program, config);
    const scraped = await server.until(
      'shop_requests_total',
      (answer) => Object.keys(answer).length > 0,
    );
    expect(scraped).toEqual({ '': 7 });
    expect(await server.query('up', ['job'])).toEqual({ shop: 1 });
    await server.stop();
    shop.close();
    shop.closeAllConnections();
    await rm(folder, { recursive: true });
  });
});
