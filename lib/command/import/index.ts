export { importSource } from './importer.js';
export type { ImportCounts, ImportOptions, ImportTarget } from './import-options.js';
export { NdjsonSource } from './export/ndjson-source.js';
export { FORMAT_NAMES, logFormat } from './logs/known-formats.js';
export { LogSource, type LogSourceOptions } from './logs/log-source.js';
export { readRoutes } from './routes/read-routes.js';
export { RouteFinder } from './routes/route-finder.js';
export type { ImportSource, RejectedItem, SourceItem } from './source-item.js';
export { StorageSource } from './storage/storage-source.js';
