/**
 * Storage in ClickHouse.
 *
 * @module nestjs-track-usage/clickhouse
 */
export type { ClickHouseClientLike } from './connection/clickhouse-client.js';
export { ClickHouseStorage } from './clickhouse.storage.js';
export type {
  ClickHouseClusterOptions,
  ClickHouseStorageOptions,
} from './clickhouse-storage.options.js';
