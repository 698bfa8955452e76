import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../support/built.js';
import { RunningSample } from '../support/run-sample.js';

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('sample 01-quick-start', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'track-usage-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it('tracks requests into SQLite and shows them, also after the process was stopped', async () => {
    const first = await RunningSample.start('01-quick-start', folder);
    await first.get('/products?search=tea');
    await first.get('/products/2');
    await first.get('/products/99');
    await first.get('/products/health');
    const records = await first.get('/latest');
    expect(records).toMatchObject([
      { path: '/products/99', status: 404, trackVar: null },
      { path: '/products/2', status: 200, trackVar: { price: 39 }, route: '/products/:id' },
      { path: '/products', urlArgs: { search: 'tea' }, handler: 'findAll' },
    ]);
    const page = await (await fetch(`${first.url}/usage?whole=1`)).text();
    expect(page).toContain('/products/99');
    expect(page).toContain('2 called');
    // Not waited for by a flush: it is stored on the way down.
    await first.get('/products/1');
    expect(await first.stop()).toEqual({ code: null, signal: 'SIGTERM' });

    const second = await RunningSample.start('01-quick-start', folder);
    const after = await second.get('/latest');
    expect(after).toHaveLength(4);
    expect(after[0]).toMatchObject({ path: '/products/1' });
    expect(after.slice(1)).toEqual(records);
    const { month } = await second.get('/latest/routes');
    const hits = Object.fromEntries(month.map((sum: any) => [sum.key, sum.hits]));
    expect(hits).toEqual({ 'GET /products/:id': 3, 'GET /products': 1 });
    await second.stop();
  });
});
