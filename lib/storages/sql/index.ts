export { usageEntities } from './entities/usage-entities.js';
export { UsageRecordEntity } from './entities/usage-record.entity.js';
export { UsageSummaryEntity } from './entities/usage-summary.entity.js';
export { usageMigrations, usageMigrationsFor } from './format/typeorm-migrations.js';
export type { UsageTableNames } from './layout/sql-layout.js';
export { SqlStorage } from './sql.storage.js';
export type { SqlStorageOptions } from './sql-storage.options.js';
