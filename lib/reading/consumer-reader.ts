import type { UsageRecord } from '../record/index.js';
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

/** Reads the records and reports of every consumer, and applies `where` whatever the storage. */
type ConsumerSource = Required<
  Pick<UsageStorage, 'getUsage' | 'countUsage' | 'streamUsage' | 'report'>
>;

/**
 * Reads the records and reports of one consumer alone. Nothing in a query reaches those of others.
 *
 * @example
 * const records = await usage.forConsumer('acme').getUsage({ last: '24h' });
 *
 * @publicApi
 */
export class ConsumerReader {
  /**
   * @param consumer The consumer's id, as it is stored.
   * @internal
   */
  constructor(
    private readonly reader: ConsumerSource,
    private readonly consumer: string,
  ) {}

  /**
   * Reads one page of the consumer's records, newest first.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer.
   */
  async getUsage(query: UsageQuery = {}): Promise<UsageRecord[]> {
    return this.reader.getUsage(this.own(query));
  }

  /**
   * Streams all of the consumer's records that match, in the order of `getUsage`.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer. Thrown by the call itself.
   */
  streamUsage(filter: UsageFilter = {}): AsyncIterable<UsageRecord> {
    return this.reader.streamUsage(this.own(filter));
  }

  /**
   * Counts the consumer's records that match.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or if `where`
   * names a consumer.
   */
  async countUsage(filter: UsageFilter = {}): Promise<number> {
    return this.reader.countUsage(this.own(filter));
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
    const report = await this.reader.report(this.own(query));
    return report as unknown as UsageReport<M, D, I, C>;
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
