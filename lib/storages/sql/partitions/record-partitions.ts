import type { SqlEngine } from '../engines/sql-engine.js';
import type { RecordTable, SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { createPartition, dropPartition, kindOfTable, listPartitions } from './partition-script.js';
import { partitionAt, type PartitionSpan, PARTITION_UNITS } from './partition-span.js';
import { TrackUsageOptionsError } from '../../../support/track-usage-options.error.js';

/**
 * The partitions of the records' table. They are created ahead of time and dropped once retention
 * has passed.
 */
export class RecordPartitions {
  private readonly records: RecordTable;
  private readonly known = new Set<string>();

  private constructor(
    private readonly engine: SqlEngine,
    private readonly unit: NonNullable<SqlLayout['partitions']>,
    { records }: SqlLayout,
  ) {
    this.records = records;
  }

  /**
   * Opens the partitions and creates those of the present and the next period.
   *
   * @returns null if the table is not partitioned.
   * @throws {Error} if the table is partitioned and the options say that it is not, or the reverse;
   * or if a partition does not belong to the unit.
   */
  static async open(engine: SqlEngine, layout: SqlLayout): Promise<RecordPartitions | null> {
    const { records, partitions: unit } = layout;
    if (records.dialect.name !== 'postgres') return null;
    const [table] = await engine.read(kindOfTable(records));
    const isPartitioned = table?.['kind'] === 'p';
    if (isPartitioned !== (unit !== null)) throw partitioningError(records, isPartitioned);
    if (unit === null) return null;
    const partitions = new RecordPartitions(engine, unit, layout);
    await partitions.ensure([Date.now()]);
    return partitions;
  }

  /** Creates the missing partitions for the given dates, and the one after the present one. */
  async ensure(instants: Iterable<number>): Promise<void> {
    const missing = this.wanted(instants).filter(({ suffix }) => !this.known.has(suffix));
    if (missing.length === 0) return;
    const { records, unit } = this;
    const here = await this.engine.exclusively(function* (): SqlScript<PartitionSpan[]> {
      const found = yield* listPartitions(records, unit);
      const names = new Set(found.map(({ suffix }) => suffix));
      const created = missing.filter(({ suffix }) => !names.has(suffix));
      for (const span of created) yield* createPartition(records, span);
      return [...found, ...created];
    });
    this.known.clear();
    for (const { suffix } of here) this.known.add(suffix);
  }

  /** Discards what is known of the partitions: another process may have dropped one. */
  forget(): void {
    this.known.clear();
  }

  /**
   * Drops the partitions that end at or before an instant, the oldest first.
   *
   * @returns How many records they had.
   */
  async dropBefore(instant: number): Promise<number> {
    const { records, unit, engine } = this;
    const here = await engine.transaction(() => listPartitions(records, unit));
    const ended = here
      .filter(({ until }) => until !== null && until <= instant)
      .sort((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity));
    let count = 0;
    for (const span of ended) {
      this.known.delete(span.suffix);
      count += await engine.transaction(() => dropPartition(records, span));
    }
    return count;
  }

  private wanted(instants: Iterable<number>): PartitionSpan[] {
    const spans = new Map<string, PartitionSpan>();
    const add = (instant: number) => {
      const span = partitionAt(this.unit, instant);
      spans.set(span.suffix, span);
      return span;
    };
    for (const instant of instants) add(instant);
    const { until } = partitionAt(this.unit, Date.now());
    if (until !== null) add(until);
    return [...spans.values()];
  }
}

/** Whether an insert failed because its partition was dropped since it was last seen. */
export function isMissingPartition(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === '23514' && /no partition of relation/.test(String(message));
}

function partitioningError({ path }: RecordTable, isPartitioned: boolean): Error {
  return new Error(
    isPartitioned
      ? `SqlStorage: the table ${path} is partitioned: give the option partitions the value that ` +
          'it was made with.'
      : `SqlStorage: partitions: the table ${path} was made without. Choose another recordTable, ` +
          'or leave the option out.',
  );
}

const OWNER = { owner: 'SqlStorage' };

/**
 * @throws {TrackUsageOptionsError} if `partitions` is neither 'month' nor 'day', or the database is
 * not PostgreSQL.
 */
export function checkPartitions({ records, partitions }: SqlLayout): void {
  if (partitions === null) return;
  if (!PARTITION_UNITS.includes(partitions))
    throw new TrackUsageOptionsError('partitions', partitions, "'month' or 'day'", OWNER);
  const { name } = records.dialect;
  if (name !== 'postgres')
    throw new TrackUsageOptionsError('partitions', partitions, 'a PostgreSQL database', {
      ...OWNER,
      given: name,
      hint: 'Leave the option out: retention deletes in small batches here.',
    });
}
