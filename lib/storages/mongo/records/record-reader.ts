import type { UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import { matches } from '../../base/query/matches.js';
import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import { pageOf } from '../../base/query/page-of.js';
import { NEWEST_FIRST, type RecordOrder, type RecordPlace } from '../../base/query/record-order.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { optionsOf } from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { matchOf } from './conditions.js';
import { aggregateOf, aggregatePipeline, canGroup } from './aggregate-pipeline.js';
import { recordOf } from './record-mapper.js';

const STREAM_PAGE = 500;
/** Groups that are handed on at once. */
const AGGREGATES_IN_PART = 500;

/** Reads records. Conditions that MongoDB cannot say are tested on the records that it finds. */
export class RecordReader {
  constructor(private readonly collections: MongoCollections) {}

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, order = NEWEST_FIRST, after, ...filter } = query;
    if (this.rest(filter).length > 0) return pageOf(query, (beyond) => this.stream(beyond));
    const native = this.filterOf(filter);
    const documents = await this.collections.records
      .find(after ? { $and: [native, beyond(after, order)] } : native, {
        ...optionsOf(filter),
        allowDiskUse: true,
      })
      .sort(sortOf(order))
      .skip(offset)
      .limit(limit)
      .toArray();
    return documents.map(recordOf);
  }

  async count(filter: ParsedFilter): Promise<number> {
    const { records } = this.collections;
    const native = this.filterOf(filter);
    const options = optionsOf(filter);
    const found = filter.where.map(matchOf);
    if (found.some(({ isExact }) => !isExact)) return this.testedCount(filter, native);
    const fields = new Set(found.flatMap(({ jsonField }) => jsonField ?? []));
    if (fields.size === 0) return records.countDocuments(native, options);
    const texts = [...fields].map((field) => ({ [field]: { $type: 'string' } }));
    const count = await records.countDocuments({ $and: [native, { $nor: texts }] }, options);
    return count + (await this.testedCount(filter, { $and: [native, { $or: texts }] }));
  }

  /**
   * Pages by key instead of holding one long cursor, which the server would close when it is idle.
   */
  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const isMatch = matches(this.rest(filter));
    for await (const records of this.pages(this.filterOf(filter), filter))
      for (const record of records) if (isMatch(record)) yield record;
  }

  aggregate(query: AggregateQuery): AsyncIterable<readonly RecordAggregate[]> | null {
    if (this.rest(query.filter).length > 0 || !query.dimensions.every(canGroup)) return null;
    return this.aggregates(query);
  }

  private async *aggregates(
    query: AggregateQuery,
  ): AsyncGenerator<readonly RecordAggregate[], void, undefined> {
    const pipeline = aggregatePipeline(query, this.filterOf(query.filter));
    // Groups may be many more than the server holds in memory.
    const options = { ...optionsOf(query.filter), allowDiskUse: true };
    let part: RecordAggregate[] = [];
    for await (const document of this.collections.records.aggregate(pipeline, options)) {
      part.push(aggregateOf(query, document));
      if (part.length < AGGREGATES_IN_PART) continue;
      yield part;
      part = [];
    }
    yield part;
  }

  private async *pages(
    native: MongoDocument,
    filter: ParsedFilter,
  ): AsyncGenerator<UsageRecord[], void, undefined> {
    let last: UsageRecord | null = null;
    for (;;) {
      const documents: MongoDocument[] = await this.collections.records
        .find(last ? { $and: [native, beyond(last, NEWEST_FIRST)] } : native, optionsOf(filter))
        .sort(sortOf(NEWEST_FIRST))
        .limit(STREAM_PAGE)
        .toArray();
      const records = documents.map(recordOf);
      yield records;
      last = records.at(-1) ?? null;
      if (documents.length < STREAM_PAGE) return;
    }
  }

  private async testedCount(filter: ParsedFilter, native: MongoDocument): Promise<number> {
    const isMatch = matches(this.rest(filter));
    let count = 0;
    for await (const records of this.pages(native, filter)) count += records.filter(isMatch).length;
    return count;
  }

  private rest({ where }: ParsedFilter) {
    return where.filter((condition) => {
      const { isExact, jsonField } = matchOf(condition);
      return !isExact || jsonField !== null;
    });
  }

  // A value from outside stands after an operator, or is a literal, so that none can act as an
  // operator.
  private filterOf({ start, end, where }: ParsedFilter): MongoDocument {
    const filter = siteFilter(this.collections.website);
    if (start || end) filter['date'] = { ...(start && { $gte: start }), ...(end && { $lte: end }) };
    if (where.length > 0) filter['$and'] = where.map((condition) => matchOf(condition).filter);
    return filter;
  }
}

/**
 * What comes after a place in the order of dates. Also bounds the date alone: the server reads a range
 * of the index for that, not for `$or`.
 */
function beyond({ date, id }: RecordPlace, { isDescending }: RecordOrder): MongoDocument {
  const than = isDescending ? '$lt' : '$gt';
  return {
    date: { [`${than}e`]: date },
    $or: [{ date: { [than]: date } }, { date: { $eq: date }, _id: { [than]: id } }],
  };
}

function sortOf({ field, isDescending }: RecordOrder): Record<string, 1 | -1> {
  const direction = isDescending ? -1 : 1;
  return field === 'date'
    ? { date: direction, _id: direction }
    : { [field]: direction, date: -1, _id: -1 };
}
