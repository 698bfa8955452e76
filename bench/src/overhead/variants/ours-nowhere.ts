import { TrackUsageModule, UsageService } from 'nestjs-track-usage';
import type { Variant } from '../variant.js';

export const variant: Variant = {
  title: 'nestjs-track-usage, writing nowhere',
  keeps: 'full records, handed to a storage that drops them',
  modules: () => [
    TrackUsageModule.forRoot({
      mode: 'include',
      storages: [{ name: 'nowhere', store: async () => {} }],
    }),
  ],
  async settle(app) {
    await app.get(UsageService).flush();
  },
  check(app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const { seen, stored } = app.get(UsageService).stats().storages['nowhere']!;
    return seen === total && stored === total
      ? []
      : [`of ${total} requests, ${seen} were seen and ${stored} stored`];
  },
};
