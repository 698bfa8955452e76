import type { UsageRecord } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DEFAULT_HOOKS, openStorage } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';

/** What `store()` alone took for the records of an import. */
export interface Stored {
  readonly records: number;
  readonly seconds: number;
}

/** As many as the import gives to one call. */
const BATCH_SIZE = 1000;
/** Batches that are read from the import before they are stored. */
const BATCHES_AT_ONCE = 20;
const [imported, stored] = process.argv.slice(2) as [string, string];

serveCommands({
  async store(): Promise<Stored> {
    const from = await openStorage(new SqlStorage({ database: imported }), []);
    const to = new SqlStorage({ database: stored, hooks: DEFAULT_HOOKS });
    await openStorage(to, DEFAULT_HOOKS);
    let [records, seconds] = [0, 0];
    const store = async (batches: readonly UsageRecord[][]) => {
      const began = performance.now();
      for (const batch of batches) await to.store(batch);
      seconds += (performance.now() - began) / 1000;
    };
    let batches: UsageRecord[][] = [[]];
    for await (const record of from.streamUsage()) {
      batches.at(-1)!.push(record);
      records++;
      if (batches.at(-1)!.length < BATCH_SIZE) continue;
      if (batches.length < BATCHES_AT_ONCE) batches.push([]);
      else {
        await store(batches);
        batches = [[]];
      }
    }
    await store(batches.filter((batch) => batch.length > 0));
    await from.close();
    await to.close();
    return { records, seconds };
  },
});
