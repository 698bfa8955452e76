import { MAX_CONSUMER_LENGTH, type UsageRecord } from '../record/index.js';
import { BaseStorage } from '../storages/base/base-storage.js';
import type { SummaryDifference, UsageSubject } from '../storages/contract/maintenance.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
} from '../storages/base/parse-usage-query.js';
import { ownDimensions } from '../storages/base/report/kept-sums.js';
import type { FindSummary } from '../storages/base/query/parse-where.js';
import { QueryReader } from '../storages/base/query/query-reader.js';
import type {
  DateRange,
  SumQuery,
  UsageFilter,
  UsageQuery,
} from '../storages/contract/usage-query.js';
import type {
  Dimension,
  Metric,
  ReportComparison,
  ReportInterval,
  ReportQuery,
  UsageReport,
} from '../storages/contract/usage-report.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { dimensionOf, summariesOf, type SummaryHook, type UsageSums } from '../summary/index.js';
import { parseSubject } from '../storages/base/parse-subject.js';
import type { ServiceRoutes } from '../storages/base/routes/route-note.js';
import { parseReviewQuery, reviewRoutes } from './routes/review-routes.js';
import type { RouteReview, RouteReviewQuery } from './routes/route-review.js';
import type { RoutesQuery, UsageRoute } from './routes/usage-route.js';
import { asksDeprecated, type ReadNotes } from '../storages/base/routes/decide-deprecated.js';
import { ownNotes, parseRoutesQuery, usageRoutes } from './routes/usage-routes.js';
import { ConsumerReader } from './consumer-reader.js';
import { reportOfRecords } from '../storages/base/report/report-of-records.js';
import { sumsOf } from './sums-of.js';

type OptionalMethod =
  'getUsage' | 'countUsage' | 'getSum' | 'rebuildSummaries' | 'verifySummaries' | 'forget';

/**
 * The number of deleted records by the storage's name.
 *
 * @publicApi
 */
export type ForgetResult = Readonly<Record<string, number>>;

/**
 * Reads records and sums from one storage.
 *
 * @example
 * const archive: UsageReader = usage.from('archive');
 * const requests = await archive.countUsage();
 *
 * @publicApi
 */
export class UsageReader {
  /** Finds the summaries of the application's own, which queries may name. */
  private readonly findSummary: FindSummary | undefined;

  /**
   * @param timeZone IANA name of the zone of a report's buckets.
   * @param ownRoutes The routes of this process, for a storage that keeps none.
   */
  constructor(
    private readonly storage: UsageStorage,
    private readonly timeZone = 'UTC',
    private readonly ownRoutes: () => Promise<ServiceRoutes | null> = async () => null,
  ) {
    const { appliesFilters, options } = storage;
    if (appliesFilters) this.findSummary = ownDimensions(summariesOf(options?.hooks));
  }

  /**
   * Reads one page of records, newest first unless `orderBy` says otherwise. Records of equal date
   * sort by `id`.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind.
   *
   * @example
   * const slow = await usage.getUsage({ last: '24h', where: { speed: { gte: 1 } }, limit: 20 });
   */
  async getUsage(query: UsageQuery = {}): Promise<UsageRecord[]> {
    parseUsageQuery(query, this.findSummary);
    const storage = this.requireMethod('getUsage');
    if (await this.isApplied(query)) return storage.getUsage(query);
    return this.queryReader().getUsage(query);
  }

  /**
   * Streams all records that match, in the order of `getUsage`. Reads them as they are consumed, so
   * that any number of records takes little memory.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind. Thrown by the
   * call itself.
   *
   * @example
   * for await (const record of usage.streamUsage({ where: { consumer: 'acme' } }))
   *   process.stdout.write(`${record.url}\n`);
   */
  streamUsage(filter: UsageFilter = {}): AsyncIterable<UsageRecord> {
    parseUsageFilter(filter, this.findSummary);
    if (!this.storage.streamUsage) this.requireMethod('getUsage');
    return this.stream(filter);
  }

  /**
   * Counts the records that match.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind.
   *
   * @example
   * const refused = await usage.countUsage({ last: '7d', where: { status: [401, 403] } });
   */
  async countUsage(filter: UsageFilter = {}): Promise<number> {
    parseUsageFilter(filter, this.findSummary);
    if (await this.isApplied(filter)) return this.requireMethod('countUsage').countUsage(filter);
    if (!this.storage.getUsage) this.requireMethod('countUsage');
    return this.queryReader().countUsage(filter);
  }

  /**
   * Reads the sums of one dimension by hour, day and month.
   *
   * @param dimension A summary hook or its name: `sumUrls` or `'url'`.
   * @throws {SummaryNotKeptError} if the storage has no hook for the dimension.
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind.
   *
   * @example
   * const { day } = await usage.getSum('url', { target: 'https://shop.example/cats', last: '30d' });
   */
  async getSum(dimension: string | SummaryHook, query: SumQuery = {}): Promise<UsageSums> {
    parseSumQuery(query);
    return sumsOf(this.requireMethod('getSum'), dimensionOf(dimension), query);
  }

  /**
   * Answers a question about all requests of a range: the busiest routes, the slowest, who calls
   * them, how many by day. Every figure is exact, percentiles within 2 %.
   *
   * @example
   * const { rows } = await usage.report({
   *   metrics: ['hits', 'p95', 'errorRate'],
   *   dimensions: ['route'],
   *   startDate: new Date(Date.now() - 7 * 86_400_000),
   *   compare: 'previous',
   *   limit: 10,
   * });
   *
   * @throws {UsageQueryError} if a field is unknown or a value is invalid, if values contradict each
   * other, or if what is asked for has been pruned.
   */
  async report<
    const M extends Metric = 'hits',
    const D extends Dimension = never,
    I extends ReportInterval | undefined = undefined,
    C extends ReportComparison | undefined = undefined,
  >(query: ReportQuery<M, D, I, C> = {}): Promise<UsageReport<M, D, I, C>> {
    const given = query as ReportQuery;
    const isAnswered = this.storage.report && (await this.knowsDeprecated(given));
    const report = isAnswered
      ? await this.storage.report!(given)
      : await this.reportOfStream(given);
    return report as unknown as UsageReport<M, D, I, C>;
  }

  /**
   * Lists every route that the services declare or have declared, with its requests: which nobody
   * calls, and who still calls those that are deprecated.
   *
   * @example
   * const routes = await usage.routes({ last: '90d' });
   * const ninetyDaysAgo = new Date(Date.now() - 90 * 86_400_000);
   * const unused = routes.filter(
   *   ({ hits, gone, observedSince }) =>
   *     hits === 0 && gone === null && observedSince !== null && observedSince < ninetyDaysAgo,
   * );
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or `where` has a
   * condition on routes.
   */
  async routes(query: RoutesQuery = {}): Promise<UsageRoute[]> {
    parseRoutesQuery(query);
    return usageRoutes(this.notes, (report) => this.report(report), query);
  }

  /**
   * Finds the routes that can be deleted, and who stands in the way: what nobody has called for long,
   * who still calls what is deprecated, and how much each version of the API is called.
   *
   * @example
   * const { neverCalled, goneQuiet, pastSunset } = await usage.reviewRoutes({ unusedFor: '90d' });
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind, or `where` has a
   * condition on routes.
   */
  async reviewRoutes(query: RouteReviewQuery = {}): Promise<RouteReview> {
    parseReviewQuery(query);
    return reviewRoutes(this.notes, (report) => this.report(report), query);
  }

  /**
   * Returns a reader of one consumer alone: for a route that shows callers their own usage. Nothing
   * in a query that it is given reaches the records of others.
   *
   * @example
   * \@UseGuards(AuthGuard)
   * \@Get('my-usage')
   * mine(@Req() request: AuthenticatedRequest) {
   *   return this.usage.forConsumer(request.user.id).report({ dimensions: ['route'] });
   * }
   *
   * @param id The consumer's id, as it is stored. Give the verified one.
   * @throws {TypeError} if it is not text of 1 to 128 characters.
   */
  forConsumer(id: string): ConsumerReader {
    const method = 'usage.forConsumer()';
    const { value } = parseSubject({ consumer: id }, method);
    if (value.length > MAX_CONSUMER_LENGTH)
      throw new TypeError(
        `${method}: consumer: expected at most ${MAX_CONSUMER_LENGTH} characters, but got ` +
          `${value.length}. Longer ids are cut when they are stored.`,
      );
    // A report of somebody else's storage may not know `where`.
    const isOwn = this.storage instanceof BaseStorage;
    const source = {
      getUsage: (query?: UsageQuery) => this.getUsage(query),
      streamUsage: (filter?: UsageFilter) => this.streamUsage(filter),
      countUsage: (filter?: UsageFilter) => this.countUsage(filter),
      report: (query: ReportQuery = {}) =>
        isOwn ? this.report(query) : this.reportOfStream(query),
    };
    return new ConsumerReader(source, value);
  }

  /**
   * Rebuilds the sums of all buckets that overlap `range` from the records.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind.
   *
   * @example
   * await usage.rebuildSummaries({ startDate: new Date('2026-11-01') });
   */
  async rebuildSummaries(range: DateRange = {}): Promise<void> {
    parseDateRange(range);
    return this.requireMethod('rebuildSummaries').rebuildSummaries(range);
  }

  /**
   * Recomputes the sums of all buckets that overlap `range` from the records, and compares them
   * with the stored ones. Resolves to the rows that differ; none if all sums are right.
   *
   * @throws {UsageQueryError} if a field is unknown or a value is of the wrong kind.
   *
   * @example
   * const differences = await usage.verifySummaries(); // [] if all sums are right
   */
  async verifySummaries(range: DateRange = {}): Promise<SummaryDifference[]> {
    parseDateRange(range);
    return this.requireMethod('verifySummaries').verifySummaries(range);
  }

  /**
   * Streams all records of one subject, newest first. Reads them as they are consumed.
   *
   * @param subject One of `{ visitorId }`, `{ username }`, `{ remoteAddr }` and `{ consumer }`, as it
   * is stored.
   * @throws {TypeError} if there is not exactly one subject or its value is not text. Thrown by the
   * call itself.
   *
   * @example
   * for await (const record of usage.export({ username: 'ada' })) records.push(record);
   */
  export(subject: UsageSubject): AsyncIterable<UsageRecord> {
    const { field, value } = parseSubject(subject, 'usage.export()');
    return this.streamUsage({ where: { [field]: value } });
  }

  /**
   * Erases one subject: deletes its stored records and subtracts them from the sums. If older
   * records were pruned, moves the subject's remaining sums into `(other)`.
   *
   * @param subject One of `{ visitorId }`, `{ username }`, `{ remoteAddr }` and `{ consumer }`, as it
   * is stored.
   * @throws {TypeError} if there is not exactly one subject or its value is not text.
   *
   * @example
   * const deleted = await usage.from('archive').forget({ consumer: 'acme' }); // { archive: 12 }
   */
  async forget(subject: UsageSubject): Promise<ForgetResult> {
    parseSubject(subject, 'usage.forget()');
    return { [this.storage.name]: await this.requireMethod('forget').forget(subject) };
  }

  private reportOfStream(query: ReportQuery): Promise<UsageReport> {
    const storage = this.requireMethod('getUsage');
    return reportOfRecords(
      query,
      this.timeZone,
      storage,
      (filter) => this.streamUsage(filter),
      this.notes,
    );
  }

  private async *stream(filter: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const { storage } = this;
    const isApplied = storage.streamUsage && (await this.isApplied(filter));
    yield* isApplied ? storage.streamUsage!(filter) : this.queryReader().streamUsage(filter);
  }

  private queryReader(): QueryReader {
    return new QueryReader(this.requireMethod('getUsage'), this.notes);
  }

  /** Whether the storage applies all of a filter. */
  private async isApplied(filter: UsageFilter): Promise<boolean> {
    return this.storage.appliesFilters === true && (await this.knowsDeprecated(filter));
  }

  /** Whether the storage knows itself what is deprecated, if a query asks that. */
  private async knowsDeprecated(query: ReportQuery): Promise<boolean> {
    if (!asksDeprecated(query)) return true;
    // The storage may not have been told yet.
    await this.ownRoutes();
    return this.storage instanceof BaseStorage;
  }

  /** The notes of the storage, once it has been told of this process's routes. */
  private readonly notes: ReadNotes = async (kind) => {
    const own = await this.ownRoutes();
    return this.storage.readNotes ? this.storage.readNotes(kind) : ownNotes(own, kind);
  };

  private requireMethod<Method extends OptionalMethod>(
    method: Method,
  ): UsageStorage & Required<Pick<UsageStorage, Method>> {
    const { storage } = this;
    if (typeof storage[method] !== 'function')
      throw new Error(
        `Storage '${storage.name}' does not support ${method}(). Give the module a storage that does, such as SqliteStorage, or ask another one with usage.from(name).`,
      );
    return storage as UsageStorage & Required<Pick<UsageStorage, Method>>;
  }
}
