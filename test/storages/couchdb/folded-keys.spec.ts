import { randomBytes } from 'node:crypto';
import { sumConsumers, sumRoutes } from 'nestjs-track-usage';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { makeRecords } from 'nestjs-track-usage/testing';
import { expect, it } from 'vitest';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { couch } from './places.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 10, 20);
const HOOKS = [sumConsumers, sumRoutes];

describeWithServer('COUCHDB', 'In CouchDB, folded keys of persons', (url) => {
  it.each([
    ['pruned afterwards', false],
    ['pruned before', true],
  ])('stay in no document whose record and months are %s', async (_, isBefore) => {
    const database = `t${randomBytes(6).toString('hex')}`;
    const storage = new CouchDbStorage({ url, database, hooks: HOOKS });
    await storage.open(contextOf(HOOKS));
    await storage.store(
      makeRecords(6, (at) => ({ date: new Date(START + at * HOUR), consumer: 'anna' })),
    );
    const texts = async () =>
      JSON.stringify(await couch(url, 'GET', `/${database}/_all_docs?include_docs=true`));
    const hex = Buffer.from('anna').toString('hex');
    expect(await texts()).toContain(hex);
    const later = new Date(START + 100 * HOUR);
    const february = new Date(Date.UTC(2026, 1, 1));
    const folded = { personal: later };
    const pruned = { records: later, month: february };
    for (const bounds of isBefore ? [pruned, folded] : [folded, pruned])
      await storage.prune(bounds);
    const { hour, day, month } = await storage.getSum('consumer');
    expect(month).toEqual([]);
    for (const rows of [hour, day]) {
      expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(['(other)']));
      expect(rows.reduce((sum, { hits }) => sum + hits, 0)).toBe(6);
    }
    const left = await texts();
    expect(left).toContain('"sums"');
    expect(left).not.toContain(hex);
    expect(left).not.toContain('anna');
    await storage.close();
    await couch(url, 'DELETE', `/${database}`);
  });
});
