import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from '../format/clickhouse-text.js';
import type { Tables } from '../format/tables.js';
import type { SumState } from '../summaries/sum-state.js';

/**
 * Deletes whole months of pruned records at once. A month is moved aside in one step, what came late
 * into it is put back, and the rest is dropped with its files. On a cluster this is left to the
 * deletion of rows.
 */
export class PartitionDropper {
  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {}

  /** Drops the months whose records are all from before a date. */
  async drop(before: number, state: SumState): Promise<void> {
    if (this.tables.cluster) return;
    const { database, tables } = this;
    const months = await database.rows(
      `SELECT _partition_id FROM ${tables.path('records')} GROUP BY _partition_id ` +
        `HAVING max(date) < ${before}`,
    );
    if (months.length === 0) return;
    await database.command(`CREATE TABLE IF NOT EXISTS ${this.aside} AS ${tables.path('records')}`);
    for (const [id] of months)
      await database.command(
        `ALTER TABLE ${tables.path('records')} MOVE PARTITION ID ${literal(id as string)} ` +
          `TO TABLE ${this.aside}`,
      );
    await this.finish(state);
  }

  /** Puts back what came late, and drops what was moved aside, also by a process that was ended. */
  async finish({ gone }: SumState): Promise<void> {
    const { database, tables } = this;
    if (tables.cluster) return;
    const { database: place } = tables.names;
    const [found] = await database.rows(
      `SELECT count() FROM system.tables WHERE database = ${literal(place)} ` +
        `AND name = ${literal(this.asideName)}`,
    );
    if (Number(found![0]) === 0) return;
    const late = gone.records.map(
      ([before, by]) => `NOT (date < ${before} AND inserted_us <= ${by})`,
    );
    await database.command(
      `INSERT INTO ${tables.path('records')} SELECT * FROM ${this.aside} ` +
        `WHERE ${['1', ...late].join(' AND ')}`,
      { max_partitions_per_insert_block: 0 },
    );
    await database.command(`DROP TABLE IF EXISTS ${this.aside} SYNC`);
  }

  private get asideName(): string {
    return `${this.tables.names.records}_aside`;
  }

  private get aside(): string {
    return this.tables.pathOf(this.asideName);
  }
}
