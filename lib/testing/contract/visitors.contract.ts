import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import type { Opening } from './opening.js';
import type { StorageSubject, TestTools } from './subject.js';

const YESTERDAY = '2026-11-22';
const TODAY = '2026-11-23';
const TOMORROW = '2026-11-24';

/** Tests that processes share the salts of daily visitors and delete past ones. */
export function visitorContract(
  { it, describe }: TestTools,
  open: Opening,
  { shared }: StorageSubject,
): void {
  const proposal = () => randomBytes(32).toString('base64url');

  describe('salts of daily visitors', () => {
    it('are those that were proposed first, day by day', async () => {
      const storage = await open();
      const [first, second, third] = [proposal(), proposal(), proposal()];
      assert.equal(await storage.dailySalt(TODAY, first), first);
      assert.equal(await storage.dailySalt(TODAY, second), first);
      assert.equal(await storage.dailySalt(TOMORROW, third), third);
      assert.equal(await storage.dailySalt(TODAY, third), first);
    });

    it('are one for all who ask at once', async () => {
      const place = open.place();
      const storages = [await open({ place })];
      if (shared) for (let n = 0; n < 3; n++) storages.push(await open({ place }));
      const proposals = storages.flatMap((storage) =>
        Array.from({ length: 4 }, () => ({ storage, salt: proposal() })),
      );
      const found = await Promise.all(
        proposals.map(({ storage, salt }) => storage.dailySalt(TODAY, salt)),
      );
      assert.equal(new Set(found).size, 1);
      assert.ok(proposals.some(({ salt }) => salt === found[0]));
      for (const storage of storages)
        assert.equal(await storage.dailySalt(TODAY, proposal()), found[0]);
    });

    it('are forgotten up to a day, and cannot be had again', async () => {
      const storage = await open();
      const salts = new Map([YESTERDAY, TODAY, TOMORROW].map((day) => [day, proposal()]));
      for (const [day, salt] of salts) await storage.dailySalt(day, salt);
      await storage.forgetDailySalts(TODAY);
      const another = proposal();
      assert.equal(await storage.dailySalt(YESTERDAY, another), another);
      assert.equal(await storage.dailySalt(TODAY, another), salts.get(TODAY));
      assert.equal(await storage.dailySalt(TOMORROW, another), salts.get(TOMORROW));
      await storage.forgetDailySalts(TODAY);
      await storage.forgetDailySalts(TODAY);
      const last = proposal();
      assert.equal(await storage.dailySalt(YESTERDAY, last), last);
      assert.equal(await storage.dailySalt(TODAY, last), salts.get(TODAY));
      await storage.forgetDailySalts('2026-12-01');
      assert.equal(await storage.dailySalt(TODAY, last), last);
      assert.equal(await storage.dailySalt(TOMORROW, last), last);
    });

    if (shared)
      it('are forgotten for all who share them', async () => {
        const place = open.place();
        const [one, two] = [await open({ place }), await open({ place })];
        const salt = proposal();
        assert.equal(await one.dailySalt(YESTERDAY, salt), salt);
        assert.equal(await two.dailySalt(YESTERDAY, proposal()), salt);
        await one.forgetDailySalts(TODAY);
        const another = proposal();
        assert.equal(await two.dailySalt(YESTERDAY, another), another);
        assert.equal(await one.dailySalt(YESTERDAY, proposal()), another);
      });

    it('are no records and no sums', async () => {
      const storage = await open();
      await storage.dailySalt(TODAY, proposal());
      assert.equal(await storage.countUsage(), 0);
      assert.deepStrictEqual(await storage.verifySummaries(), []);
    });

    if (shared)
      it('outlive the storage that stored them', async () => {
        const place = open.place();
        const salt = proposal();
        const before = await open({ place });
        await before.dailySalt(TODAY, salt);
        await before.close();
        assert.equal(await (await open({ place })).dailySalt(TODAY, proposal()), salt);
      });
  });
}
