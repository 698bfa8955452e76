export { Retention, type PruneResult } from './retention.js';
export { RETENTION_FIELDS, type RetentionOptions } from './retention-options.js';
export { parseAge as retentionAge } from './retention-options.js';
