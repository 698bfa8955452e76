import type { UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { fieldValue, type Condition } from '../../base/query/condition.js';
import { matches } from '../../base/query/matches.js';
import { pageOf } from '../../base/query/page-of.js';
import { isNewestFirst } from '../../base/query/record-order.js';
import { withSeparateRoutes } from '../../base/query/route-form.js';
import { isSelective } from '../../base/selective-value.js';
import type { CouchDatabase, ViewQuery, ViewRow } from '../connection/couch-database.js';
import { RECORDS, viewPath } from '../format/design-documents.js';
import { recordOf, type UsageDocument } from './record-mapper.js';

/** The most documents that one request reads. */
const READ_AT_ONCE = 500;
const BY_DATE = viewPath(RECORDS, 'by_date');
const BY_VALUE = viewPath(RECORDS, 'by_value');

interface Plan {
  /** Ends the requests with the query. */
  readonly database: CouchDatabase;
  readonly view: string;
  readonly startkey: readonly unknown[];
  readonly endkey: readonly unknown[];
  /** The conditions that the view does not cover. */
  readonly rest: readonly Condition[];
}

type RecordRow = ViewRow<readonly unknown[]>;

/**
 * Reads records through the smallest view that contains all of them. Conditions that no view covers
 * are tested on the documents of the requested range, newest first, about 500 per request, until the
 * page is full.
 */
export class RecordReader {
  constructor(private readonly database: CouchDatabase) {}

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, order, after, ...filter } = query;
    const plan = await this.plan(filter);
    if (plan.rest.length > 0 || after || !isNewestFirst(order))
      return pageOf(query, (beyond) => this.stream(beyond));
    return this.exactPage(plan, limit, offset);
  }

  async count(filter: ParsedFilter): Promise<number> {
    const plan = await this.plan(filter);
    if (plan.rest.length === 0) return this.size(plan);
    let count = 0;
    for await (const _ of this.walk(plan)) count++;
    return count;
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    yield* this.walk(await this.plan(filter));
  }

  /** Yields whole documents, newest first, about 500 at a time. */
  async *documents(filter: ParsedFilter): AsyncGenerator<UsageDocument[], void, undefined> {
    const plan = await this.plan(filter);
    for await (const rows of this.rows(plan)) yield rows.map(({ doc }) => doc as UsageDocument);
  }

  /** Returns the date of the first record at or after `from`; null if there is none. */
  async firstDate(from: number | null): Promise<number | null> {
    const query = { startkey: from === null ? [] : [from], limit: 1, reduce: false };
    const [row] = await this.database.view<readonly [number]>(BY_DATE, query);
    return row?.key[0] ?? null;
  }

  private async exactPage(plan: Plan, limit: number, offset: number): Promise<UsageRecord[]> {
    const rows = await this.read(plan, { startkey: plan.startkey, limit, skip: offset });
    return rows.map(({ doc }) => recordOf(doc));
  }

  private async *walk(plan: Plan): AsyncGenerator<UsageRecord, void, undefined> {
    const isMatch = matches(plan.rest);
    for await (const rows of this.rows(plan))
      for (const { doc } of rows) {
        const record = recordOf(doc);
        if (isMatch(record)) yield record;
      }
  }

  // Each request begins at the last row of the one before. That row may have been deleted since.
  private async *rows(plan: Plan): AsyncGenerator<RecordRow[], void, undefined> {
    let startkey = plan.startkey;
    let last: string | undefined;
    for (;;) {
      const found = await this.read(plan, { startkey, limit: READ_AT_ONCE + 1 });
      const rows = found.filter(({ id }) => id !== last);
      if (rows.length > 0) yield rows;
      const end = found.at(-1);
      if (!end || found.length <= READ_AT_ONCE) return;
      last = end.id;
      startkey = end.key;
    }
  }

  private async read({ database, view, endkey }: Plan, query: ViewQuery): Promise<RecordRow[]> {
    const rows = await database.view<readonly unknown[]>(view, {
      ...query,
      endkey,
      descending: true,
      reduce: false,
      include_docs: true,
    });
    // A record that was deleted after the view was read has no document.
    return rows.filter(({ doc }) => Boolean((doc as UsageDocument | null)?.record));
  }

  private async size({ database, view, startkey, endkey }: Plan): Promise<number> {
    const [row] = await database.view<null, number>(view, {
      startkey,
      endkey,
      descending: true,
      reduce: true,
    });
    return row?.value ?? 0;
  }

  private async plan(filter: ParsedFilter): Promise<Plan> {
    const where = withSeparateRoutes(filter.where);
    const database = this.database.until(filter);
    const plans = where.flatMap((condition) => {
      const only = fieldValue(condition);
      if (!only || !isSelective(only)) return [];
      const { path, value } = only;
      const prefix = [path, typeof value === 'string' ? escapedText(value) : value];
      const rest = where.filter((other) => other !== condition);
      return [{ database, ...planFor(filter, BY_VALUE, prefix, rest) }];
    });
    if (plans.length === 0) return { database, ...planFor(filter, BY_DATE, [], where) };
    if (plans.length === 1) return plans[0]!;
    const sizes = await Promise.all(plans.map((plan) => this.size(plan)));
    return plans[sizes.indexOf(Math.min(...sizes))]!;
  }
}

function planFor(
  { start, end }: ParsedFilter,
  view: string,
  prefix: readonly unknown[],
  rest: readonly Condition[],
): Omit<Plan, 'database'> {
  return {
    view,
    rest,
    startkey: end ? [...prefix, end.getTime(), {}] : [...prefix, {}],
    endkey: start ? [...prefix, start.getTime()] : prefix,
  };
}

/**
 * Text as the view holds it: JavaScript's `escape` is the only escaping that CouchDB's engines
 * share.
 */
function escapedText(text: string): string {
  return escape(text);
}
