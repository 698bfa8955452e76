import { strict as assert } from 'node:assert';
import { makeRecords } from '../make-record.js';
import type { Opening } from './opening.js';
import type { StorageSubject, TestTools } from './subject.js';

/** Longer than what most columns of text take, with characters of every length. */
const LONG = JSON.stringify(Array.from({ length: 3000 }, (_, n) => `GET /🦄/ß/${n}\t"'\\\0`));

/** Tests that a storage keeps small texts beside the data, and that processes share them. */
export function noteContract(
  { it, describe }: TestTools,
  open: Opening,
  { shared }: StorageSubject,
): void {
  describe('notes', () => {
    it('are read by kind, as they were written last', async () => {
      const storage = await open();
      assert.deepStrictEqual([...(await storage.readNotes('routes'))], []);
      await storage.changeNote('routes', 'shop', () => 'first');
      await storage.changeNote('routes', 'Shop', () => '');
      await storage.changeNote('process', 'shop', () => LONG);
      await storage.changeNote('routes', 'shop', (text) => `${text}, second`);
      assert.deepStrictEqual(
        new Map(await storage.readNotes('routes')),
        new Map([
          ['shop', 'first, second'],
          ['Shop', ''],
        ]),
      );
      assert.deepStrictEqual([...(await storage.readNotes('process'))], [['shop', LONG]]);
    });

    it('are deleted by null, and kept by undefined', async () => {
      const storage = await open();
      await storage.changeNote('process', 'a', () => undefined);
      await storage.changeNote('process', 'a', () => null);
      assert.equal((await storage.readNotes('process')).size, 0);
      await storage.changeNote('process', 'a', () => 'kept');
      await storage.changeNote('process', 'b', () => 'deleted');
      await storage.changeNote('process', 'a', () => undefined);
      await storage.changeNote('process', 'b', () => null);
      assert.deepStrictEqual([...(await storage.readNotes('process'))], [['a', 'kept']]);
    });

    it('lose no change of several processes at once', async () => {
      const place = open.place();
      const storages = [await open({ place })];
      if (shared) for (let n = 0; n < 2; n++) storages.push(await open({ place }));
      const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(
        letters.map((letter, at) =>
          storages[at % storages.length]!.changeNote(
            'routes',
            'all',
            (text) => (text ?? '') + letter,
          ),
        ),
      );
      const text = (await storages[0]!.readNotes('routes')).get('all')!;
      assert.deepStrictEqual([...text].sort(), letters);
    });

    it('are no records and no sums, and outlive them', async () => {
      const storage = await open();
      await storage.changeNote('routes', 'shop', () => 'kept');
      await storage.store(makeRecords(3));
      assert.equal(await storage.countUsage(), 3);
      await storage.prune?.({ records: new Date(Date.now() + 86_400_000) });
      assert.equal((await storage.readNotes('routes')).get('shop'), 'kept');
    });

    if (shared)
      it('outlive the storage that stored them', async () => {
        const place = open.place();
        const before = await open({ place });
        await before.changeNote('routes', 'shop', () => 'kept');
        await before.close();
        assert.equal((await (await open({ place })).readNotes('routes')).get('shop'), 'kept');
      });
  });
}
