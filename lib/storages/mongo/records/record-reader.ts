import type { UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ } from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { recordOf } from './record-mapper.js';

const NEWEST_FIRST = { date: -1, _id: -1 } as const;
const STREAM_PAGE = 500;

/** Reads records. */
export class RecordReader {
  constructor(private readonly collections: MongoCollections) {}

  async page({ limit, offset, ...filter }: ParsedUsageQuery): Promise<UsageRecord[]> {
    const documents = await this.collections.records
      .find(this.filterOf(filter), READ)
      .sort(NEWEST_FIRST)
      .skip(offset)
      .limit(limit)
      .toArray();
    return documents.map(recordOf);
  }

  async count(filter: ParsedFilter): Promise<number> {
    return this.collections.records.countDocuments(this.filterOf(filter), READ);
  }

  /**
   * Pages by key instead of holding one long cursor, which the server would close when it is idle.
   */
  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    let last: UsageRecord | null = null;
    for (;;) {
      const documents = await this.collections.records
        .find(this.filterOf(filter, last), READ)
        .sort(NEWEST_FIRST)
        .limit(STREAM_PAGE)
        .toArray();
      for (const document of documents) yield (last = recordOf(document));
      if (documents.length < STREAM_PAGE) return;
    }
  }

  // Every value is wrapped in `$eq`, so that no given value can act as an operator.
  private filterOf(
    { start, end, where }: ParsedFilter,
    after: UsageRecord | null = null,
  ): MongoDocument {
    const filter = siteFilter(this.collections.website);
    for (const [field, value] of where) filter[field] = { $eq: value };
    const last = after?.date ?? end;
    if (start || last)
      filter['date'] = { ...(start && { $gte: start }), ...(last && { $lte: last }) };
    if (after)
      filter['$or'] = [
        { date: { $lt: after.date } },
        { date: { $eq: after.date }, _id: { $lt: after.id } },
      ];
    return filter;
  }
}
