/**
 * Storage in SQL databases.
 *
 * @module nestjs-track-usage/sql
 */
export { usageEntities, UsageRecordEntity, UsageSummaryEntity } from './entities/usage-entities.js';
export { usageMigrations, usageMigrationsFor } from './format/typeorm-migrations.js';
export type { UsageTableNames } from './layout/sql-layout.js';
export { SqlStorage } from './sql.storage.js';
export type { SqlStorageOptions } from './sql-storage.options.js';
