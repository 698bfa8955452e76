// Fresh applications on every NestJS, platform, kind of module and Node that is supported.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install, nest, runNode, sqlite } from './application.mjs';

/** NestJS 11 and 12, Express and Fastify, with SQLite: records outlive the process. */
export function checkPlatforms({ tarball, scratch }) {
  const cases = [11, 12].flatMap((major) =>
    ['express', 'fastify'].map((platform) => ({ major, platform, extra: {} })),
  );
  cases.push({ major: 12, platform: 'express', extra: { typeorm: '^0.3.20' } });
  for (const [index, { major, platform, extra }] of cases.entries()) {
    const folder = join(scratch, `platform-${index}`);
    install(folder, tarball, { ...nest(major, `platform-${platform}`), ...sqlite, ...extra });
    persists(folder, platform);
  }
  return cases
    .map(({ major, platform, extra }) =>
      [`NestJS ${major}`, platform, ...(extra.typeorm ? ['TypeORM 0.3'] : [])].join(' '),
    )
    .join(', ');
}

/** Ten requests, then, in a process of its own, one more: all eleven are there. */
function persists(folder, platform) {
  for (const [requests, total] of [
    [10, 10],
    [1, 11],
  ]) {
    const result = runNode(folder, ['shop.mjs', platform, String(requests)]);
    assert.equal(result.records, total);
    assert.equal(result.hits, total);
    assert.equal(result.route, '/cats/:id');
    assert.deepEqual(result.latest, { id: String(requests - 1) });
  }
  assert.ok(existsSync(join(folder, 'track-usage.sqlite')));
}

/** Nothing optional: an ES module and `require` from CommonJS, on every Node. */
export function checkRuntimes({ tarball, scratch }, nodes) {
  for (const major of [11, 12]) {
    const folder = join(scratch, `bare-${major}`);
    install(folder, tarball, nest(major, 'platform-express', 'platform-fastify'));
    for (const { path, version } of nodes) {
      for (const platform of ['express', 'fastify']) {
        const { records, route } = runNode(folder, ['memory.mjs', platform], path);
        assert.deepEqual({ records, route }, { records: 3, route: '/cats/:id' }, version);
      }
      assert.deepEqual(runNode(folder, ['require.cjs'], path), { records: 1, route: '/cats' });
    }
  }
  return `NestJS 11 and 12, import and require, on Node ${nodes.map((one) => one.version).join(', ')}`;
}
