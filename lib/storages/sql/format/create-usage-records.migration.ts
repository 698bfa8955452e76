import type { Column } from '../dialects/shapes.js';
import { createOuterPartitions } from '../partitions/partition-script.js';
import { createTable, dropTable } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'id', property: 'id', kind: 'id' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'url', property: 'url', kind: 'text' },
  { name: 'path', property: 'path', kind: 'text' },
  { name: 'method', property: 'method', kind: 'text' },
  { name: 'protocol', property: 'protocol', kind: 'text' },
  { name: 'route', property: 'route', kind: 'text', nullable: true },
  { name: 'blueprint', property: 'blueprint', kind: 'text', nullable: true },
  { name: 'handler', property: 'handler', kind: 'text', nullable: true },
  { name: 'view_args', property: 'viewArgs', kind: 'json', nullable: true },
  { name: 'url_args', property: 'urlArgs', kind: 'json' },
  { name: 'status', property: 'status', kind: 'integer' },
  { name: 'outcome', property: 'outcome', kind: 'text' },
  { name: 'speed_us', property: 'speed', kind: 'bigint' },
  { name: 'content_length', property: 'contentLength', kind: 'bigint' },
  { name: 'remote_addr', property: 'remoteAddr', kind: 'text', nullable: true },
  { name: 'x_forwarded_for', property: 'xForwardedFor', kind: 'text', nullable: true },
  { name: 'referrer', property: 'referrer', kind: 'text', nullable: true },
  { name: 'authorization', property: 'authorization', kind: 'flag' },
  { name: 'username', property: 'username', kind: 'text', nullable: true },
  { name: 'ua_browser', property: 'userAgent.browser', kind: 'text', nullable: true },
  { name: 'ua_version', property: 'userAgent.version', kind: 'text', nullable: true },
  { name: 'ua_platform', property: 'userAgent.platform', kind: 'text', nullable: true },
  { name: 'ua_language', property: 'userAgent.language', kind: 'text', nullable: true },
  { name: 'ua_string', property: 'userAgent.string', kind: 'text', nullable: true },
  { name: 'ua_kind', property: 'userAgent.kind', kind: 'text' },
  { name: 'ip_info', property: 'ipInfo', kind: 'json', nullable: true },
  { name: 'visitor_id', property: 'visitorId', kind: 'text', nullable: true },
  { name: 'server_name', property: 'serverName', kind: 'text' },
  { name: 'track_var', property: 'trackVar', kind: 'json', nullable: true },
  { name: 'weight', property: 'weight', kind: 'real' },
] as const satisfies readonly Column[];

// In the order in which records are read. A record that is sent again has the same date, so date and
// id identify it, and an index of the id alone is not needed.
const KEY = ['date', 'id'] as const;

// In SQLite, rows stored in the key's B-tree would take a twentieth fewer bytes. But a row longer than
// a quarter of a page spills into pages of its own (4.6 KB for a row of 1.1 KB, with SQLite's default
// of 4 KB), and a count or a deep page reads in full the rows that it passes over.
const IS_CLUSTERED = false;

/**
 * Creates the records' table, with a key in the order in which it is read. Version 0.1.0 made the
 * key of the id, with an index of date and id beside it: a table that it has made stays like that.
 */
export const createUsageRecords: UsageMigration = {
  name: 'CreateUsageRecords1795392000000',
  columns: ({ records }) => [records.withColumns(COLUMNS)],
  *up({ records, partitions }) {
    const table = records.withColumns(COLUMNS);
    const end = partitions === null ? '' : `partition by range (${table.column('date')})`;
    const isMade = yield* createTable(table, KEY, { isClustered: IS_CLUSTERED, end });
    if (isMade && partitions !== null) yield* createOuterPartitions(records);
  },
  down: ({ records }) => dropTable(records),
};
