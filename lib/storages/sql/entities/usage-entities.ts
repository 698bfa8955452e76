import type { ValueTransformer } from 'typeorm';
import type { ColumnOptions } from 'typeorm/decorator/options/ColumnOptions.js';
import { RECORD_FIELDS, type RecordField, type UsageRecord } from '../../../record/index.js';
import type { SummaryPeriod } from '../../../summary/index.js';
import { columnName } from '../layout/record-columns.js';
import decorators from './typeorm-decorators.cjs';

const { Column, PrimaryColumn, Entity } = decorators;

/**
 * Milliseconds since 1970 in the table, a `Date` in the entity. A number is the same instant in
 * every session time zone.
 */
const instant: ValueTransformer = {
  to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
  from: (value: unknown) => (value === null ? null : new Date(Number(value))),
};

/** Whole microseconds in the table, seconds in the entity. */
const microseconds: ValueTransformer = {
  to: (value: unknown) => (typeof value === 'number' ? Math.round(value * 1e6) : value),
  from: (value: unknown) => (value === null ? null : Number(value) / 1e6),
};

/** Reads a 64-bit integer as a number: some drivers return it as text. */
const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null ? null : Number(value)),
};

type Writable<T> = { -readonly [name in keyof T]: T[name] };

/**
 * The records' table, for `@InjectRepository(UsageRecordEntity)`. Use it to read only: the storage
 * writes the table, and its migrations, not `synchronize`, define it.
 *
 * In the table, `date` is in milliseconds since 1970 and `speed_us` in whole microseconds.
 *
 * @publicApi
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- TypeORM sets them.
export class UsageRecordEntity {}
// The properties are those of a record. The columns follow from the table of fields.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unsafe-declaration-merging
export interface UsageRecordEntity extends Writable<UsageRecord> {}

class UserAgentColumns {}

const TYPES: Record<RecordField['kind'], ColumnOptions> = {
  id: { type: 'varchar', length: 36 },
  instant: { type: 'bigint', transformer: instant },
  text: { type: 'text' },
  choice: { type: 'text' },
  microseconds: { type: 'bigint', transformer: microseconds },
  integer: { type: 'int' },
  bigInteger: { type: 'bigint', transformer: wholeNumber },
  real: { type: 'double precision' },
  flag: { type: Boolean },
  json: { type: 'simple-json' },
};

for (const field of RECORD_FIELDS) {
  const { path, kind, nullable } = field;
  const options: ColumnOptions = { name: columnName(field), ...TYPES[kind], nullable };
  const [parent, leaf] = path.split('.') as [string, string?];
  if (kind === 'id') PrimaryColumn(options as object)(UsageRecordEntity.prototype, path);
  else if (leaf === undefined) Column(options)(UsageRecordEntity.prototype, path);
  else if (parent === 'userAgent') Column(options)(UserAgentColumns.prototype, leaf);
}
Column(() => UserAgentColumns, { prefix: false })(UsageRecordEntity.prototype, 'userAgent');
Entity({ name: 'usage_records', synchronize: false })(UsageRecordEntity);

/**
 * The summaries' table, for `@InjectRepository(UsageSummaryEntity)`: one row for each key of a
 * dimension in an hour, day or month. Use it to read only; `getSum` reads it with percentiles.
 *
 * In the table, `date` is in milliseconds since 1970 and `duration_us` in whole microseconds.
 *
 * @publicApi
 */
@Entity({ name: 'usage_summaries', synchronize: false })
export class UsageSummaryEntity {
  /** What the row groups by: `url`, `route`, … */
  @PrimaryColumn({ name: 'dimension', type: 'varchar', length: 64 })
  dimension!: string;

  /** Hour, day or month. */
  @PrimaryColumn({ name: 'period', type: 'varchar', length: 64 })
  period!: SummaryPeriod;

  /** First instant of the hour, day or month. */
  @PrimaryColumn({ name: 'date', type: 'bigint', transformer: instant })
  date!: Date;

  /**
   * The value that is counted, such as one URL. A key of 108 characters or more is stored as its
   * first 64 characters and a digest.
   */
  @PrimaryColumn({ name: 'key', type: 'varchar', length: 108 })
  key!: string;

  /** The full key if `key` holds a digest, else null. */
  @Column({ name: 'long_key', type: 'text', nullable: true })
  longKey!: string | null;

  /** Number of requests. */
  @Column({ name: 'hits', type: 'bigint', transformer: wholeNumber })
  hits!: number;

  /** Bytes of payload, summed over all requests. */
  @Column({ name: 'transfer', type: 'bigint', transformer: wholeNumber })
  transfer!: number;

  /** Number of requests with status 500 or higher. */
  @Column({ name: 'errors', type: 'bigint', transformer: wholeNumber })
  errors!: number;

  /** Seconds, summed over all requests. */
  @Column({ name: 'duration_us', type: 'bigint', transformer: microseconds })
  duration!: number;

  /**
   * The number of requests for which the four measures below are known. It is lower than `hits`, or
   * null, if version 0.1.0 has counted some or all of the requests. The four describe the whole row
   * only if it equals `hits`; otherwise `getSum` returns null for them.
   */
  @Column({ name: 'measured', type: 'bigint', nullable: true, transformer: wholeNumber })
  measured!: number | null;

  /** Number of requests with status 400 to 499. */
  @Column({ name: 'refused', type: 'bigint', nullable: true, transformer: wholeNumber })
  refused!: number | null;

  /** Number of requests whose client went away before the response was sent. */
  @Column({ name: 'aborted', type: 'bigint', nullable: true, transformer: wholeNumber })
  aborted!: number | null;

  /** When the first request arrived. */
  @Column({ name: 'first_seen', type: 'bigint', nullable: true, transformer: instant })
  firstSeen!: Date | null;

  /** When the last request arrived. */
  @Column({ name: 'last_seen', type: 'bigint', nullable: true, transformer: instant })
  lastSeen!: Date | null;

  /** Latencies as counts in logarithmic buckets, in the library's own text format. */
  @Column({ name: 'latency', type: 'text' })
  latency!: string;
}

/**
 * The entities of the records' and the summaries' table, for
 * `TypeOrmModule.forFeature(usageEntities)` or the `entities` of a data source.
 *
 * @example
 * TypeOrmModule.forFeature(usageEntities);
 *
 * @publicApi
 */
export const usageEntities = [UsageRecordEntity, UsageSummaryEntity];
