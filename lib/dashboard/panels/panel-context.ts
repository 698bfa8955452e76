import type { UsageRecord } from '../../record/index.js';
import type { RouteReview, RouteReviewQuery } from '../../reading/routes/route-review.js';
import type { UsageQuery } from '../../storages/contract/usage-query.js';
import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import type { ConsumerNames } from '../data/consumer-names.js';
import { isAnsweredBySums } from '../data/answered-by-sums.js';
import type { OldestRecord } from '../data/oldest-record.js';
import type { QueryPool } from '../data/query-pool.js';
import type { Visibility } from '../data/visibility.js';
import type { DashboardSource } from '../dashboard-source.js';
import { Dates } from '../format/dates.js';
import { whereOf, type Filter } from '../state/filters.js';
import type { PageState } from '../state/page-state.js';
import type { ShownRange } from '../state/ranges.js';

/** What all pages of a site share. */
export interface SiteParts {
  readonly source: DashboardSource;
  readonly pool: QueryPool;
  readonly oldest: OldestRecord;
  readonly visible: Visibility;
  readonly names: ConsumerNames;
  /** Whether single requests are shown. */
  readonly records: boolean;
}

/** What the panels of one page show, and from where. */
export class PanelContext {
  readonly dates: Dates;
  /** All conditions: the filters, the view's own and the service. */
  readonly where: UsageWhere | undefined;
  private isComplete = true;
  private oldest: Date | null = null;

  /**
   * @param filters The filters that hold, those of the address and those that the view adds.
   * @param deadline Resolves when the first answer can wait no longer; null if it waits for all.
   * @param origin The application's address.
   */
  constructor(
    readonly parts: SiteParts,
    readonly state: PageState,
    readonly range: ShownRange,
    readonly filters: readonly Filter[],
    readonly now: number,
    private readonly signal: AbortSignal,
    private readonly deadline: Promise<null> | null,
    readonly origin: string,
  ) {
    this.dates = new Dates(parts.source.timeZone, now);
    this.where = whereOf(filters);
  }

  /** The same for one panel, which may be incomplete by itself. */
  forPanel(): PanelContext {
    const { parts, state, range, filters, now, signal, deadline, origin } = this;
    return new PanelContext(parts, state, range, filters, now, signal, deadline, origin);
  }

  /** Whether something was left out that takes longer. The panel is then asked for again. */
  get isPartial(): boolean {
    return !this.isComplete;
  }

  /** Whether requests that come now belong to what is shown, so that it can be followed live. */
  get isOpen(): boolean {
    const { parts, range, state, now } = this;
    const isList = parts.records && state.view.kind !== 'record' && state.after === null;
    return isList && range.endDate.getTime() >= now;
  }

  /** Since when there are records; null unless a report of the panel was counted from them. */
  get recordsSince(): Date | null {
    return this.oldest;
  }

  /** The condition of the service alone, for what other filters do not touch. */
  get whereOfService(): UsageWhere | undefined {
    return whereOf(this.filters.filter(isOfService));
  }

  /** Whether filters hold besides that of the service. */
  get isFiltered(): boolean {
    return !this.filters.every(isOfService);
  }

  get compare() {
    return this.state.compare;
  }

  /** Asks for the shown range with all conditions. */
  report(query: ReportQuery): Promise<UsageReport> {
    const { startDate, endDate } = this.range;
    return this.ask({ startDate, endDate, ...(this.where && { where: this.where }), ...query });
  }

  /** Asks for a report as it is given. */
  async ask(query: ReportQuery): Promise<UsageReport> {
    const { pool, source, oldest } = this.parts;
    const report = await pool.run(
      `report ${keyOf(query)}`,
      this.signal,
      (signal) => source.report({ ...query, signal }),
      !isAnsweredBySums(query, source.summaries),
    );
    if (report.source !== 'summaries') this.oldest = await oldest.date(this.signal);
    return report;
  }

  getUsage(query: UsageQuery): Promise<UsageRecord[]> {
    const { pool, source } = this.parts;
    return pool.run(`records ${keyOf(query)}`, this.signal, (signal) =>
      source.getUsage({ ...query, signal }),
    );
  }

  reviewRoutes(query: RouteReviewQuery): Promise<RouteReview> {
    const { pool, source } = this.parts;
    return pool.run(`routes ${keyOf(query)}`, this.signal, (signal) =>
      source.reviewRoutes({ ...query, signal }),
    );
  }

  /** The result of something that may take longer than the panel; null if the page cannot wait. */
  async later<T>(work: Promise<T>): Promise<T | null> {
    if (this.deadline === null) return work;
    work.catch(() => undefined);
    const pending = Symbol();
    const first = await Promise.race([work, this.deadline.then(() => pending)]);
    if (first !== pending) return first as T;
    this.isComplete = false;
    return null;
  }
}

function isOfService({ field }: Filter): boolean {
  return field === 'service';
}

function keyOf(query: object): string {
  return JSON.stringify(query);
}
