import type { OwnSummary, OwnValue } from './own-summaries.js';
import type { UsageFilter } from './usage-query.js';

/**
 * What a report measures.
 *
 * - `hits`, `errors` (status 500 and up), `refused` (400 to 499), `aborted`: requests
 * - `transfer`: bytes; `duration`: seconds of all requests
 * - `errorRate`, `refusedRate`: 0 to 1, of all hits
 * - `mean`, `p50`, `p90`, `p95`, `p99`, `max`: seconds of one request; percentiles and maximum within
 *   2 %
 * - `consumers`, `users`, `visitors`, `remotes`, `routes`: distinct values that are not null
 * - `firstSeen`, `lastSeen`: when the first and the last request arrived
 *
 * @publicApi
 */
export type Metric =
  | 'hits'
  | 'transfer'
  | 'errors'
  | 'refused'
  | 'aborted'
  | 'errorRate'
  | 'refusedRate'
  | 'duration'
  | 'mean'
  | 'p50'
  | 'p90'
  | 'p95'
  | 'p99'
  | 'max'
  | 'consumers'
  | 'users'
  | 'visitors'
  | 'remotes'
  | 'routes'
  | 'firstSeen'
  | 'lastSeen';

/**
 * What a report groups by. The name of a summary that the storage keeps is a dimension too;
 * `OwnSummaries` makes those of the application's own known.
 * `deprecated`: whether a request called a route that is deprecated by the list of routes that is
 * stored now; the others are false.
 *
 * @publicApi
 */
export type Dimension =
  | 'route'
  | 'blueprint'
  | 'handler'
  | 'method'
  | 'status'
  | 'statusClass'
  | 'outcome'
  | 'consumer'
  | 'consumerGroup'
  | 'username'
  | 'remote'
  | 'visitor'
  | 'userAgent'
  | 'client'
  | 'kind'
  | 'platform'
  | 'language'
  | 'country'
  | 'server'
  | 'service'
  | 'release'
  | 'apiVersion'
  | 'url'
  | 'path'
  | 'referrer'
  | 'protocol'
  | 'authorization'
  | 'deprecated'
  | `trackVar.${string}`
  // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- applications declare names
  | OwnSummary
  // Names of summaries. The intersection keeps the names above in what editors suggest.
  | (string & Record<never, never>);

/**
 * The length of a report's buckets, in the module's time zone. Weeks begin on Monday.
 *
 * @publicApi
 */
export type ReportInterval = 'minute' | 'hour' | 'day' | 'week' | 'month';

/**
 * The span that a report compares its range with.
 *
 * - `previous`: the span of the same length just before; with `interval`, the range moved back by
 *   the fewest intervals that leave no overlap
 * - `week`: the range moved back by the fewest weeks that leave no overlap
 * - `year`: the same dates a year before
 *
 * @publicApi
 */
export type ReportComparison = 'previous' | 'week' | 'year';

/**
 * The question that a report answers.
 *
 * @publicApi
 */
export interface ReportQuery<
  M extends Metric = Metric,
  D extends Dimension = Dimension,
  I extends ReportInterval | undefined = ReportInterval | undefined,
  C extends ReportComparison | undefined = ReportComparison | undefined,
> extends UsageFilter {
  /**
   * What is measured.
   * @default ['hits']
   */
  metrics?: readonly M[];
  /**
   * Groups the requests by these values. Text is cut to 1,024 characters.
   * @default none: all requests are one group
   */
  dimensions?: readonly D[];
  /** Divides each group into buckets. Buckets without requests have rows too. */
  interval?: I;
  /** Measures each row in an earlier span as well. Needs `startDate` or `last`. */
  compare?: C;
  /**
   * Order of the groups. Groups of equal values are ordered by their dimensions, ascending. Null
   * comes last. With `interval`, the rows of a group stand together, oldest first.
   * @default the first metric, descending
   */
  orderBy?: { readonly [Name in Metric | NoInfer<D>]?: 'asc' | 'desc' };
  /**
   * Groups on a page; 10,000 at most.
   * @default 100
   */
  limit?: number;
  /**
   * Number of the page, counted from 1.
   * @default 1
   */
  page?: number;
}

type Counted =
  | 'hits'
  | 'transfer'
  | 'errors'
  | 'refused'
  | 'aborted'
  | 'duration'
  | 'consumers'
  | 'users'
  | 'visitors'
  | 'remotes'
  | 'routes';

/** The value of a metric. What is measured is null if there are no requests. */
type MetricValue<M extends Metric> = M extends Counted
  ? number
  : M extends 'firstSeen' | 'lastSeen'
    ? Date | null
    : number | null;

/**
 * The value of a dimension: null if a request has none, `'(other)'` for the values that a summary
 * has folded. A value that reads `(other)` itself starts with a backslash: `\(other)`.
 */
type DimensionValue<D extends Dimension> = D extends 'status'
  ? number | '(other)' | null
  : D extends 'authorization' | 'deprecated'
    ? boolean | '(other)'
    : D extends OwnSummary
      ? OwnValue<D> | '(other)'
      : string extends D
        ? string | number | boolean | null
        : string | null;

/** Makes all properties optional if the names are not known to the compiler. */
type IfKnown<Name, All, Shape> = [All] extends [Name] ? Partial<Shape> : Shape;

/**
 * The values of a query's metrics.
 *
 * @publicApi
 */
export type MetricValues<M extends Metric = Metric> = IfKnown<
  M,
  Metric,
  { -readonly [Name in M]: MetricValue<Name> }
>;

type Previous<M extends Metric, C> = [C] extends [undefined]
  ? unknown
  : undefined extends C
    ? { previous?: MetricValues<M> }
    : { previous: MetricValues<M> };

type Bucket<I> = [I] extends [undefined]
  ? unknown
  : undefined extends I
    ? { date?: Date; partial?: true }
    : { date: Date; partial?: true };

/**
 * A row of a report: one group, or one bucket of a group. Its type follows from the query:
 * `{ route: 'GET /cats/:id', date: Date, hits: 12, p95: 0.013, previous: { hits: 9, p95: 0.012 } }`.
 *
 * `date` is the bucket's first instant. `partial` is true in a bucket that the range cuts, or that
 * has not ended.
 *
 * @publicApi
 */
export type ReportRow<
  M extends Metric = Metric,
  D extends Dimension = Dimension,
  I extends ReportInterval | undefined = ReportInterval | undefined,
  C extends ReportComparison | undefined = ReportComparison | undefined,
> = { -readonly [Name in D]: DimensionValue<Name> } & Bucket<I> & MetricValues<M> & Previous<M, C>;

/**
 * A span of time. Both bounds are inclusive.
 *
 * @publicApi
 */
export interface ReportRange {
  /** The first instant that was counted. */
  readonly startDate: Date;
  /** The last instant that was counted. */
  readonly endDate: Date;
}

/**
 * The answer to a `ReportQuery`.
 *
 * @publicApi
 */
export interface UsageReport<
  M extends Metric = Metric,
  D extends Dimension = Dimension,
  I extends ReportInterval | undefined = ReportInterval | undefined,
  C extends ReportComparison | undefined = ReportComparison | undefined,
> {
  /** The groups of the page. */
  readonly rows: ReportRow<M, D, I, C>[];
  /** All groups together. */
  readonly totals: MetricValues<M> & Previous<M, C>;
  /** The groups that are not on the page together, and their number. Null if there are none. */
  readonly rest: (MetricValues<M> & Previous<M, C> & { groups: number }) | null;
  /** The number of groups, on all pages. */
  readonly groups: number;
  /**
   * What was counted. Without `startDate` it begins with the first request; where older records
   * have been pruned, with what is left.
   */
  readonly range: ReportRange;
  /** What was counted for the comparison; null without `compare`. */
  readonly previousRange: ReportRange | null;
  /** Where the figures come from. */
  readonly source: 'summaries' | 'records' | 'both';
  /**
   * The distinct counts that are lower bounds, because a summary has folded keys into `(other)` and
   * the records have been pruned.
   */
  readonly approximate: M[];
}

export const METRICS = [
  'hits',
  'transfer',
  'errors',
  'refused',
  'aborted',
  'errorRate',
  'refusedRate',
  'duration',
  'mean',
  'p50',
  'p90',
  'p95',
  'p99',
  'max',
  'consumers',
  'users',
  'visitors',
  'remotes',
  'routes',
  'firstSeen',
  'lastSeen',
] as const satisfies readonly Metric[];

export const REPORT_INTERVALS = [
  'minute',
  'hour',
  'day',
  'week',
  'month',
] as const satisfies readonly ReportInterval[];

export const REPORT_COMPARISONS = [
  'previous',
  'week',
  'year',
] as const satisfies readonly ReportComparison[];

export const DEFAULT_REPORT_LIMIT = 100;
