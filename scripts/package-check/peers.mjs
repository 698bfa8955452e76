// Each optional peer alone: what it is for works, and no other is missed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { install, nest, runNode } from './application.mjs';
import { installed, root } from './surroundings.mjs';

const PEERS = [
  { kind: 'ioredis', packages: ['ioredis'], server: 'REDIS' },
  { kind: 'redis', packages: ['redis'], server: 'REDIS' },
  { kind: 'mongodb', packages: ['mongodb'], server: 'MONGODB' },
  { kind: 'mongoose', packages: ['mongoose'], server: 'MONGODB' },
  { kind: 'nano', packages: ['nano'], server: 'COUCHDB' },
  { kind: 'clickhouse', packages: ['@clickhouse/client'], server: 'CLICKHOUSE' },
  { kind: 'maxmind', packages: ['maxmind'] },
  { kind: 'axios', packages: ['@nestjs/axios', 'axios'] },
  { kind: 'prom-client', packages: ['prom-client'] },
  { kind: 'opentelemetry', packages: ['@opentelemetry/api'] },
  { kind: 'sqljs', packages: ['typeorm', 'sql.js'] },
  { kind: 'better-sqlite3', packages: ['better-sqlite3'] },
];

const MMDB = 'node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

export function checkPeers({ tarball, scratch }) {
  return PEERS.map(({ kind, packages, server }) => {
    const url = server && process.env[`TRACK_USAGE_TEST_${server}_URL`];
    if (server && !url && process.env.CI === 'true')
      throw new Error(`${kind}: set TRACK_USAGE_TEST_${server}_URL`);
    const folder = join(scratch, `peer-${kind}`);
    const versions = Object.fromEntries(packages.map((name) => [name, installed(name)]));
    install(folder, tarball, { ...nest(12, 'platform-express'), ...versions });
    const env = { SERVER_URL: url ?? '', MMDB: join(root, MMDB) };
    const result = runNode(folder, ['peer.mjs', kind], process.execPath, env);
    // Without a server, the driver was found, and could not connect.
    if (server && !url) assert.match(result.error, /127\.0\.0\.1|ECONNREFUSED/);
    else
      assert.deepEqual(result, {
        route: '/cats',
        country: ['maxmind', 'axios'].includes(kind) ? 'CH' : null,
      });
    return server && !url ? `${kind} (no server)` : kind;
  }).join(', ');
}
