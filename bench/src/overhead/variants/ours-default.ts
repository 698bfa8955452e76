import Database from 'better-sqlite3';
import { join } from 'node:path';
import {
  sumBasic,
  sumBy,
  sumClients,
  sumConsumers,
  sumRoutes,
  sumStatuses,
  SqliteStorage,
  TrackUsageModule,
  UsageService,
} from 'nestjs-track-usage';
import type { Variant } from '../variant.js';

/** The summaries of `forRoot()` without storages. */
export const DEFAULT_HOOKS = [
  sumBasic,
  sumRoutes,
  sumStatuses,
  sumConsumers,
  sumClients,
  sumBy('consumer', 'route'),
];

const fileIn = (scratch: string) => join(scratch, 'usage.sqlite');

export const variant: Variant = {
  title: 'nestjs-track-usage, SQLite and the default summaries',
  keeps: 'full records and ten summaries by hour, day and month, in SQLite',
  modules: (scratch) => [
    TrackUsageModule.forRoot({
      mode: 'include',
      storages: [new SqliteStorage({ database: fileIn(scratch), hooks: DEFAULT_HOOKS })],
    }),
  ],
  async settle(app) {
    await app.get(UsageService).flush();
  },
  // Asks the file itself, past the library.
  check(_app, sent, scratch) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const database = new Database(fileIn(scratch), { readonly: true });
    try {
      const counted = database
        .prepare<[], { dimension: string; hits: number }>(
          `select dimension, sum(hits) as hits from usage_summaries where period = 'month' group by 1
           union all select 'records', count(*) from usage_records`,
        )
        .all();
      return counted
        .filter(({ hits }) => hits !== total)
        .map(({ dimension, hits }) => `${dimension}: sent ${total}, stored ${hits}`);
    } finally {
      database.close();
    }
  },
};
