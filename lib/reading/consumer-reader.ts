import type { UsageRecord } from '../record/index.js';
import { matches } from '../storages/base/query/matches.js';
import { parseWhere } from '../storages/base/query/parse-where.js';
import { parseUsageFilter } from '../storages/base/parse-usage-query.js';
import { UsageQueryError } from '../storages/contract/usage-query.error.js';
import type { UsageFilter, UsageQuery } from '../storages/contract/usage-query.js';
import type {
  Dimension,
  Metric,
  ReportComparison,
  ReportInterval,
  ReportQuery,
  UsageReport,
} from '../storages/contract/usage-report.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';

/** Answers a report by the records of a stream. */
export type ReportOfStream = (
  query: ReportQuery,
  stream: (filter: UsageFilter) => AsyncIterable<UsageRecord>,
) => Promise<UsageReport>;

/** Reads the records and reports of every consumer. */
type ConsumerSource = Required<
  Pick<UsageStorage, 'getUsage' | 'countUsage' | 'streamUsage' | 'report'>
>;

/**
 * Reads the records and reports of one consumer alone. Nothing in a query reaches those of others.
 *
 * @publicApi
 */
export class ConsumerReader {
  /**
   * @param consumer The consumer's id, as it is stored.
   * @param reportOf Reports on streamed records. Null: the storage applies `where` itself.
   */
  constructor(
    private readonly reader: ConsumerSource,
    private readonly consumer: string,
    private readonly reportOf: ReportOfStream | null,
  ) {}

  /**
   * Reads one page of the consumer's records, newest first.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer.
   */
  async getUsage(query: UsageQuery = {}): Promise<UsageRecord[]> {
    const own = this.own(query);
    const records = await this.reader.getUsage(own);
    return this.reportOf === null ? records : records.filter(matches(parseWhere(own.where)));
  }

  /**
   * Streams all of the consumer's records that match, in the order of `getUsage`.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer. Thrown by the call itself.
   */
  streamUsage(filter: UsageFilter = {}): AsyncIterable<UsageRecord> {
    return this.matching(this.own(filter));
  }

  /**
   * Counts the consumer's records that match.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer.
   */
  async countUsage(filter: UsageFilter = {}): Promise<number> {
    if (this.reportOf === null) return this.reader.countUsage(this.own(filter));
    let count = 0;
    for await (const _record of this.streamUsage(filter)) count++;
    return count;
  }

  /**
   * Answers a question about all requests of the consumer. See `UsageService.report()`.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is invalid, or if `where` names a
   * consumer.
   */
  async report<
    const M extends Metric = 'hits',
    const D extends Dimension = never,
    I extends ReportInterval | undefined = undefined,
    C extends ReportComparison | undefined = undefined,
  >(query: ReportQuery<M, D, I, C> = {}): Promise<UsageReport<M, D, I, C>> {
    const own = this.own(query);
    const given = own as ReportQuery;
    const report = this.reportOf
      ? await this.reportOf(given, (filter) => this.matching(filter))
      : await this.reader.report(given);
    return report as unknown as UsageReport<M, D, I, C>;
  }

  /** Filters again, because a storage of somebody else's may not know `where`. */
  private matching(filter: UsageFilter): AsyncIterable<UsageRecord> {
    const records = this.reader.streamUsage(filter);
    const isMatch = matches(parseWhere(filter.where));
    return (async function* () {
      for await (const record of records) if (isMatch(record)) yield record;
    })();
  }

  /** The query, for this consumer alone. */
  private own<Query extends UsageFilter>(query: Query): Query {
    const where: unknown = query.where;
    parseUsageFilter({ where } as UsageFilter);
    const own: { consumer?: unknown } = { ...(where as object | undefined) };
    if (own.consumer !== undefined)
      throw new UsageQueryError(
        'where.consumer',
        own.consumer,
        'no consumer: forConsumer() has named it',
      );
    return { ...query, where: { ...own, consumer: this.consumer } };
  }
}
