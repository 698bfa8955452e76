import type { RecordPath } from '../../../record/index.js';
import type { MongoDocument } from '../connection/shapes.js';

/** A condition as a filter of MongoDB. */
export interface Match {
  readonly filter: MongoDocument;
  /** Whether it matches exactly the records that meet the condition. If not, it matches more. */
  readonly isExact: boolean;
  /** The field that may hold JSON as text. The filter matches every document where it does. */
  readonly jsonField: RecordPath | null;
}
