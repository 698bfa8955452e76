import { Summarizer, withRecordCount } from '../../summary/index.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';

/**
 * Creates the summarizer of the summaries that a storage keeps, with the hidden count of all
 * records beside them. It logs errors of key functions.
 */
export function openSummarizer({
  summaries,
  timeZone,
  logger,
}: Pick<UsageStorageContext, 'summaries' | 'timeZone' | 'logger'>): Summarizer {
  return new Summarizer({
    summaries: withRecordCount(summaries),
    timeZone,
    onKeyError: (error) => {
      logger.warn(error.message);
    },
  });
}
