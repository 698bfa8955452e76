// A small part of TypeORM 1: an SQLite file of the storage's own needs no more of it.
import { Column } from 'typeorm/decorator/columns/Column.js';
import { PrimaryColumn } from 'typeorm/decorator/columns/PrimaryColumn.js';
import { Entity } from 'typeorm/decorator/entity/Entity.js';
import type { SummaryPeriod } from '../../../summary/usage-sum.js';
import { instant, microseconds, wholeNumber } from './transformers.js';

/**
 * The table of summaries, for `@InjectRepository(UsageSummaryEntity)`: one row for each key of a
 * dimension in an hour, day or month. It is there to be read; `getSum` reads it with percentiles.
 *
 * In the table, `date` is in milliseconds since 1970 and `duration_us` in whole microseconds.
 *
 * @publicApi
 */
@Entity({ name: 'usage_summaries', synchronize: false })
export class UsageSummaryEntity {
  /** `url`, `route`, … */
  @PrimaryColumn({ name: 'dimension', type: 'varchar', length: 64 })
  dimension!: string;

  @PrimaryColumn({ name: 'period', type: 'varchar', length: 64 })
  period!: SummaryPeriod;

  /** First instant of the hour, day or month. */
  @PrimaryColumn({ name: 'date', type: 'bigint', transformer: instant })
  date!: Date;

  /** What is counted; of a long one the beginning and a digest. */
  @PrimaryColumn({ name: 'key', type: 'varchar', length: 108 })
  key!: string;

  /** The whole of a long key, else null. */
  @Column({ name: 'long_key', type: 'text', nullable: true })
  longKey!: string | null;

  /** Requests. */
  @Column({ name: 'hits', type: 'bigint', transformer: wholeNumber })
  hits!: number;

  /** Bytes of payload. */
  @Column({ name: 'transfer', type: 'bigint', transformer: wholeNumber })
  transfer!: number;

  /** Requests with status 500 and up. */
  @Column({ name: 'errors', type: 'bigint', transformer: wholeNumber })
  errors!: number;

  /** Seconds, the sum over all requests. */
  @Column({ name: 'duration_us', type: 'bigint', transformer: microseconds })
  duration!: number;

  /**
   * Of how many of the requests the four below are known: of all, or of none and some where version
   * 0.1.0 has counted in the row. They tell of the row only if it equals `hits`; `getSum` gives null
   * for them otherwise.
   */
  @Column({ name: 'measured', type: 'bigint', nullable: true, transformer: wholeNumber })
  measured!: number | null;

  /** Requests with status 400 to 499. */
  @Column({ name: 'refused', type: 'bigint', nullable: true, transformer: wholeNumber })
  refused!: number | null;

  /** Requests whose client went away before the response was sent. */
  @Column({ name: 'aborted', type: 'bigint', nullable: true, transformer: wholeNumber })
  aborted!: number | null;

  /** When the first request came. */
  @Column({ name: 'first_seen', type: 'bigint', nullable: true, transformer: instant })
  firstSeen!: Date | null;

  /** When the last request came. */
  @Column({ name: 'last_seen', type: 'bigint', nullable: true, transformer: instant })
  lastSeen!: Date | null;

  /** Latencies as counts in logarithmic buckets, in the library's own notation. */
  @Column({ name: 'latency', type: 'text' })
  latency!: string;
}
