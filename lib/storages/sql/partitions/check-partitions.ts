import { inspect } from 'node:util';
import type { SqlLayout } from '../layout/sql-layout.js';
import { PARTITION_UNITS } from './partition-span.js';

/** @throws for an option that the database does not have, or a value that is no unit. */
export function checkPartitions({ records, partitions }: SqlLayout): void {
  if (partitions === null) return;
  if (!PARTITION_UNITS.includes(partitions))
    throw new TypeError(
      `SqlStorage: partitions: expected 'month' or 'day', but got ${inspect(partitions)}.`,
    );
  const { name } = records.dialect;
  if (name !== 'postgres')
    throw new TypeError(
      `SqlStorage: partitions: expected a PostgreSQL database, but got ${name}. Leave the option ` +
        'out: retention deletes in small batches here.',
    );
}
