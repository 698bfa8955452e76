import type { UsageRecord } from '../../record/index.js';

/** Makes the parts of a file of records. */
export type ExportFormat = (
  records: AsyncIterable<UsageRecord>,
) => AsyncIterable<string | Uint8Array>;
