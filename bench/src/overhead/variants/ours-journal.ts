import { join } from 'node:path';
import { SqliteStorage, TrackUsageModule } from 'nestjs-track-usage';
import { DEFAULT_HOOKS, variant as without } from './ours-default.js';
import type { Variant } from '../variant.js';

/** The same as `ours-default`, and the journal: what that costs shows beside it. */
export const variant: Variant = {
  ...without,
  title: `${without.title}, with the journal`,
  keeps: `${without.keeps}, and what is not stored yet in the journal`,
  modules: (scratch) => [
    TrackUsageModule.forRoot({
      mode: 'include',
      storages: [
        new SqliteStorage({ database: join(scratch, 'usage.sqlite'), hooks: DEFAULT_HOOKS }),
      ],
      journal: true,
    }),
  ],
};
