import {
  byUser,
  MemoryStorage,
  sumBy,
  sumConsumers,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms } from '../../support/platforms.js';
import { asUser, Shop } from './shop.js';

/** A storage of somebody else's, which knows no `where`. */
class ListStorage implements UsageStorage {
  readonly name = 'list';
  private readonly records: UsageRecord[] = [];

  async store(records: readonly UsageRecord[]): Promise<void> {
    this.records.push(...records);
  }
  async getUsage({ limit = 100, page = 1 }: { limit?: number; page?: number } = {}) {
    return this.records.toReversed().slice((page - 1) * limit, page * limit);
  }
  async countUsage(): Promise<number> {
    return this.records.length;
  }
}

describe.each(platforms)('usage.forConsumer() on $name', (platform) => {
  it.each([
    ['a storage of the library', () => new MemoryStorage()],
    ['a storage that knows no where', () => new ListStorage()],
  ])('reads that consumer alone, from %s', async (_, storage) => {
    const shop = await Shop.start(platform, { consumer: byUser(), storages: [storage()] });
    for (const username of ['anna', 'bob', 'anna', 'anna ', 'Anna'])
      await shop.ask('/user', asUser({ username }));
    const anna = shop.usage.forConsumer('anna');
    expect((await anna.getUsage()).map(({ consumer }) => consumer)).toEqual(['anna', 'anna']);
    expect(await anna.countUsage()).toBe(2);
    const streamed: (string | null)[] = [];
    for await (const { consumer } of anna.streamUsage({ where: { status: 200 } }))
      streamed.push(consumer);
    expect(streamed).toEqual(['anna', 'anna']);
    const report = await anna.report({ dimensions: ['consumer'], metrics: ['hits', 'consumers'] });
    expect(report.rows).toEqual([{ consumer: 'anna', hits: 2, consumers: 1 }]);
    expect(report.totals).toMatchObject({ hits: 2 });
    expect(await shop.usage.forConsumer('nobody').countUsage()).toBe(0);
    expect(await shop.usage.from(shop.storageName).forConsumer('bob').countUsage()).toBe(1);
    await shop.close();
  });

  it.each(['(other)', '(none)'])(
    'reads nothing of others where a consumer has the name %s',
    async (username) => {
      const hooks = [sumConsumers, sumBy('consumer', 'route')];
      const storage = new MemoryStorage({ hooks, maxKeys: 3 });
      const shop = await Shop.start(platform, { consumer: byUser(), storages: [storage] });
      for (let at = 0; at < 6; at++) await shop.ask('/user', asUser({ username: `user-${at}` }));
      for (let at = 0; at < 3; at++) await shop.ask('/open');
      await shop.ask('/user', asUser({ username }));
      const own = shop.usage.forConsumer(username);
      const questions = [{}, { dimensions: ['consumer'] }, { dimensions: ['route'] }] as const;
      for (const question of questions) expect((await own.report(question)).totals.hits).toBe(1);
      expect(await own.countUsage()).toBe(1);
      // Also where sums are all that is left.
      const later = new Date(Date.now() + 86_400_000 * 40);
      await shop.usage.prune({ records: later, personal: later });
      for (const question of questions) {
        const { totals, rows } = await own.report(question);
        expect(totals.hits).toBeLessThanOrEqual(1);
        expect(rows.reduce((sum, { hits }) => sum + hits, 0)).toBe(totals.hits);
      }
      await shop.close();
    },
  );

  it('goes on after the records of others without reading them, in every order', async () => {
    const shop = await Shop.start(platform, {});
    for (const username of ['anna', 'bob', 'anna', 'bob'])
      await shop.ask('/user', asUser({ username }));
    const bobs = await shop.usage.forConsumer('bob').getUsage();
    const anna = shop.usage.forConsumer('anna');
    for (const field of ['date', 'speed', 'contentLength'] as const)
      for (const after of [undefined, ...bobs]) {
        const query = { orderBy: { [field]: 'asc' }, ...(after && { after }) } as const;
        for (const { consumer } of await anna.getUsage(query)) expect(consumer).toBe('anna');
        if (!after) expect(await anna.getUsage(query)).toHaveLength(2);
      }
    await shop.close();
  });

  it('refuses what is no consumer, and queries that name another', async () => {
    const shop = await Shop.start(platform, {});
    for (const id of [undefined, null, '', 7, {}, 'a\0', 'x'.repeat(129)])
      expect(() => shop.usage.forConsumer(id as never)).toThrow(TypeError);
    const anna = shop.usage.forConsumer('anna');
    for (const consumer of ['bob', null, ['bob'], { not: 'anna' }, {}]) {
      const query = { where: { consumer } } as never;
      const refused = expect.objectContaining({ name: 'UsageQueryError' });
      await expect(anna.getUsage(query)).rejects.toEqual(refused);
      await expect(anna.countUsage(query)).rejects.toEqual(refused);
      await expect(anna.report(query)).rejects.toEqual(refused);
      expect(() => anna.streamUsage(query)).toThrow(refused);
    }
    await shop.close();
  });
});
