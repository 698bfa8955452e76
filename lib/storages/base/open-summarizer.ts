import { Summarizer } from '../../summary/index.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';

/** What adds up the summaries that a storage keeps; key functions that fail are logged. */
export function openSummarizer({
  summaries,
  timeZone,
  logger,
}: Pick<UsageStorageContext, 'summaries' | 'timeZone' | 'logger'>): Summarizer {
  return new Summarizer({
    summaries,
    timeZone,
    onKeyError: (error) => {
      logger.warn(error.message);
    },
  });
}
