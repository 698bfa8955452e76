// Deep imports load a small part of TypeORM 1 only: an SQLite file of the storage's own needs no
// more.
import { Column } from 'typeorm/decorator/columns/Column.js';
import { PrimaryColumn } from 'typeorm/decorator/columns/PrimaryColumn.js';
import { Entity } from 'typeorm/decorator/entity/Entity.js';
import type { SummaryPeriod } from '../../../summary/usage-sum.js';
import { instant, microseconds, wholeNumber } from './transformers.js';

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
