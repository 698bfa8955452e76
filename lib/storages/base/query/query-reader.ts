import type { UsageRecord } from '../../../record/index.js';
import type { UsageFilter, UsageQuery } from '../../contract/usage-query.js';
import type { UsageStorage } from '../../contract/usage-storage.js';
import { parseUsageFilter, parseUsageQuery, type ParsedFilter } from '../parse-usage-query.js';
import { withDeprecatedRoutes, type ReadNotes } from '../routes/decide-deprecated.js';
import { streamByPage } from '../stream-by-page.js';
import { streamWithTimeout, withTimeout } from './cancellation.js';
import { matches } from './matches.js';
import { pageAfter } from './page-after.js';
import { pageOf } from './page-of.js';
import { isNewestFirst } from './record-order.js';

type Readable = UsageStorage & Required<Pick<UsageStorage, 'getUsage'>>;

/**
 * Answers queries by a storage that knows dates and pages alone: filters and orders the records that
 * it returns.
 */
export class QueryReader {
  /** @param readNotes Reads the lists of routes, which decide what is deprecated. */
  constructor(
    private readonly storage: Readable,
    private readonly readNotes: ReadNotes,
  ) {}

  async getUsage(query: UsageQuery = {}): Promise<UsageRecord[]> {
    const parsed = parseUsageQuery(query);
    return withTimeout(parsed, async (signal) => {
      const { where, order, after, limit, offset } = parsed;
      if (where.length > 0 || after || !isNewestFirst(order))
        return pageAfter(await this.decided({ ...parsed, signal }), (asked) =>
          pageOf(asked, (filter) => this.stream(filter)),
        );
      return this.storage.getUsage({ ...rangeOf(parsed), limit, page: offset / limit + 1 });
    });
  }

  async countUsage(filter: UsageFilter = {}): Promise<number> {
    const parsed = parseUsageFilter(filter);
    return withTimeout(parsed, async (signal) => {
      const { storage } = this;
      if (parsed.where.length === 0 && storage.countUsage)
        return storage.countUsage(rangeOf(parsed));
      let count = 0;
      const decided = await this.decided({ ...parsed, signal });
      for await (const _ of this.stream(decided)) count++;
      return count;
    });
  }

  async *streamUsage(filter: UsageFilter = {}): AsyncGenerator<UsageRecord, void, undefined> {
    const parsed = parseUsageFilter(filter);
    yield* streamWithTimeout(parsed, (signal) => this.decidedStream({ ...parsed, signal }));
  }

  private decided<Filter extends ParsedFilter>(filter: Filter): Promise<Filter> {
    return withDeprecatedRoutes(filter, this.readNotes);
  }

  private async *decidedStream(filter: ParsedFilter) {
    yield* this.stream(await this.decided(filter));
  }

  private async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const { storage } = this;
    const isMatch = matches(filter.where);
    const range = rangeOf(filter);
    const records = storage.streamUsage
      ? storage.streamUsage(range)
      : streamByPage((query) => storage.getUsage(query), range);
    for await (const record of records) {
      filter.signal?.throwIfAborted();
      if (isMatch(record)) yield record;
    }
  }
}

function rangeOf({ start, end }: ParsedFilter): UsageFilter {
  return { ...(start && { startDate: start }), ...(end && { endDate: end }) };
}
