import type { UsageTableNames } from 'nestjs-track-usage/sql';
import type { DataSource } from 'typeorm';
import { dialectOf } from '../../../lib/storages/sql/dialects/dialect-of.js';
import { createUsageRecords } from '../../../lib/storages/sql/format/create-usage-records.migration.js';
import { layoutOf } from '../../../lib/storages/sql/layout/sql-layout.js';

/**
 * Makes the records' table as version 0.1.0 did: with a key of the id, and an index of date and id.
 */
export async function makeEarlierRecords(
  dataSource: DataSource,
  names: UsageTableNames,
): Promise<void> {
  const { partitions } = names;
  const layout = layoutOf(dataSource, await dialectOf(dataSource), names);
  const [table] = createUsageRecords.columns(layout);
  const { dialect, path } = table!;
  const key = partitions === undefined ? ['id'] : ['id', 'date'];
  const by = partitions === undefined ? '' : ' partition by range (date)';
  await dataSource.query(`${dialect.createTable(table!, key, false)}${by}`);
  const index = dialect.quote(table!.indexName('date'));
  await dataSource.query(`create index ${index} on ${path} (date, id)`);
}
