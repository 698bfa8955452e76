import { SqlStorage } from 'nestjs-track-usage/sql';
import { afterEach, describe, it } from 'vitest';
import { storageContract } from 'nestjs-track-usage/testing';

const tools = { describe, it, afterEach };

storageContract(tools, 'SqlStorage on SQLite in memory', {
  shared: false,
  create: (_place, options) => new SqlStorage({ ...options, database: ':memory:' }),
});

storageContract(tools, 'SqlStorage on sql.js', {
  shared: false,
  create: (_place, options) => new SqlStorage({ ...options, connection: { type: 'sqljs' } }),
});
