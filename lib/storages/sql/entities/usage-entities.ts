import { UsageRecordEntity } from './usage-record.entity.js';
import { UsageSummaryEntity } from './usage-summary.entity.js';

/**
 * The entities of the records' and the summaries' table, for
 * `TypeOrmModule.forFeature(usageEntities)` or the `entities` of a data source.
 *
 * @publicApi
 */
export const usageEntities = [UsageRecordEntity, UsageSummaryEntity];
