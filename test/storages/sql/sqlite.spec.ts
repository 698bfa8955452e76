import { join } from 'node:path';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { afterAll, afterEach, describe, it } from 'vitest';
import { storageContract } from '../../contract/storage-contract.js';
import { temporaryFolder } from './places.js';

const tools = { describe, it, afterEach };
const folder = temporaryFolder();
afterAll(() => folder.remove());

storageContract(tools, 'SqlStorage on an SQLite file', {
  shared: true,
  create: (place, options) =>
    new SqlStorage({ ...options, database: join(folder.path, `${place}.sqlite`) }),
});

storageContract(tools, 'SqlStorage on SQLite in memory', {
  shared: false,
  create: (_place, options) => new SqlStorage({ ...options, database: ':memory:' }),
});

storageContract(tools, 'SqlStorage on sql.js', {
  shared: false,
  create: (_place, options) => new SqlStorage({ ...options, connection: { type: 'sqljs' } }),
});
