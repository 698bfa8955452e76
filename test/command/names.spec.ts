import { MongoClient } from 'mongodb';
import { sumBasic, type UsageStorage } from 'nestjs-track-usage';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { newPlace } from '../faults/databases.js';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { runCommand } from './run-command.js';

const HOOKS = [sumBasic];

async function fill(storage: UsageStorage, size: number): Promise<void> {
  await storage.open!(contextOf(HOOKS));
  await storage.store(makeRecords(size));
  await storage.close!();
}

/** The hits of all records, as the report of a command has them. */
async function hitsOf(...flags: string[]): Promise<number> {
  const { code, stdout, stderr } = await runCommand(['report', '--json', ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { totals: { hits: number } }).totals.hits;
}

describeWithServer('POSTGRES', 'Tables of the same names in two schemas', (url) => {
  it('are told apart by --schema and --from-schema', async () => {
    const [first, second, recordTable, summaryTable] = Array.from({ length: 4 }, newPlace);
    const admin = await new DataSource({ type: 'postgres', url }).initialize();
    const names = { recordTable, summaryTable } as Record<string, string>;
    const flags = ['--storage', url, '--record-table', recordTable!];
    flags.push('--summary-table', summaryTable!);
    try {
      for (const [schema, size] of [
        [first!, 3],
        [second!, 5],
      ] as const) {
        await admin.query(`create schema "${schema}"`);
        await fill(new SqlStorage({ url, ...names, schema, hooks: HOOKS }), size);
      }
      expect(await hitsOf(...flags, '--schema', first!)).toBe(3);
      expect(await hitsOf(...flags, '--schema', second!)).toBe(5);
      const from = ['--from', url, '--from-table', recordTable!, '--from-schema', first!];
      from.push('--from-summary-table', summaryTable!);
      const { code } = await runCommand(['import', ...from, ...flags, '--schema', second!]);
      expect(code).toBe(0);
      expect(await hitsOf(...flags, '--schema', second!)).toBe(8);
      expect(await hitsOf(...flags, '--schema', first!)).toBe(3);
    } finally {
      for (const schema of [first, second])
        await admin.query(`drop schema if exists "${schema}" cascade`);
      await admin.destroy();
    }
  });
});

describeWithServer('MONGODB', 'Sites that share collections', (uri) => {
  it('are told apart by --website and --from-website', async () => {
    const [collection, summaryCollection, target] = [newPlace(), newPlace(), newPlace()];
    const names = { uri, collection, summaryCollection, hooks: HOOKS };
    const flags = ['--storage', uri, '--collection', collection];
    flags.push('--summary-collection', summaryCollection);
    const client = await new MongoClient(uri).connect();
    try {
      await fill(new MongoStorage({ ...names, website: 'shop' }), 3);
      await fill(new MongoStorage({ ...names, website: 'blog' }), 5);
      expect(await hitsOf(...flags, '--website', 'shop')).toBe(3);
      expect(await hitsOf(...flags, '--website', 'blog')).toBe(5);
      const from = ['--from', uri, '--from-collection', collection, '--from-website', 'shop'];
      from.push('--from-summary-collection', summaryCollection);
      const to = ['--storage', uri, '--collection', target, '--summary-collection', `${target}_s`];
      expect((await runCommand(['import', ...from, ...to, '--website', 'copy'])).code).toBe(0);
      expect(await hitsOf(...to, '--website', 'copy')).toBe(3);
    } finally {
      for (const { name } of await client.db().listCollections().toArray())
        if ([collection, summaryCollection, target].some((place) => name.startsWith(place)))
          await client.db().dropCollection(name);
      await client.close();
    }
  });
});
