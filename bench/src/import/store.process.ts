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
const [imported, stored] = process.argv.slice(2) as [string, string];

serveCommands({
  async store(): Promise<Stored> {
    const from = await openStorage(new SqlStorage({ database: imported }), []);
    const records: UsageRecord[] = [];
    for await (const record of from.streamUsage()) records.push(record);
    await from.close();
    // As they came.
    records.reverse();
    const to = new SqlStorage({ database: stored, hooks: DEFAULT_HOOKS });
    await openStorage(to, DEFAULT_HOOKS);
    const began = performance.now();
    for (let at = 0; at < records.length; at += BATCH_SIZE)
      await to.store(records.slice(at, at + BATCH_SIZE));
    const seconds = (performance.now() - began) / 1000;
    await to.close();
    return { records: records.length, seconds };
  },
});
