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

const DATE = { suffix: 'date', properties: ['date', 'id'] } as const;

/** Creates the records' table, with an index in the order in which it is read. */
export const createUsageRecords: UsageMigration = {
  name: 'CreateUsageRecords1795392000000',
  columns: ({ records }) => [records.withColumns(COLUMNS)],
  *up({ records, partitions }) {
    const table = records.withColumns(COLUMNS);
    if (partitions === null) {
      yield* createTable(table, ['id'], [DATE]);
      return;
    }
    // PostgreSQL requires the partition column in every unique key. A record that is sent again has
    // the same date, so its id stays unique.
    const by = `partition by range (${table.column('date')})`;
    if (yield* createTable(table, ['id', 'date'], [DATE], by))
      yield* createOuterPartitions(records);
  },
  down: ({ records }) => dropTable(records),
};
