import {
  compareKeys,
  readCounts,
  toUsageSum,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../../summary/index.js';
import type {
  BucketTotal,
  ScannedSums,
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
} from '../../base/base-storage.js';
import { bucketOfText, textOfBucket } from '../format/design-documents.js';
import { hexOfKey } from './document-sums.js';
import { stretchOf, type PlainRow, type Stretch, type SumView } from './sum-view.js';

const BUCKETS_AT_ONCE = 200;
const REQUESTS_AT_ONCE = 8;
/**
 * If reading all rows would read more than this number for each wanted row, the wanted rows are
 * read one by one.
 */
const ROWS_PER_WANTED_ROW = 20;
/**
 * The number of gathered rows, beside twice the wanted ones, beyond which the lesser rows are
 * dropped.
 */
const SPARE_ROWS = 2000;

/**
 * Reads sums from the views. Holds a page and, if ordered by hits, a limited multiple of the rows
 * up to the page's end.
 */
export class SumReader {
  /** Its views have no rows of a key by themselves. */
  readonly readsLatencyLate = 'never';

  constructor(private readonly view: SumView) {}

  storedDimensions(): Promise<readonly string[]> {
    return this.view.dimensions();
  }

  newestBucket(dimension: string, period: SummaryPeriod): Promise<number | null> {
    return this.view.newestBucket(dimension, period);
  }

  async page(query: SumPageQuery): Promise<UsageSum[]> {
    const stretch = stretchOf(query.dimension, query.period, query.range);
    return (await this.until(query).read(stretch, query)).map(toUsageSum);
  }

  async totals({ dimension, period, range, ...end }: SumRangeQuery): Promise<BucketTotal[]> {
    const totals: BucketTotal[] = [];
    const { view } = this.until(end);
    for await (const rows of view.inParts(stretchOf(dimension, period, range), 3))
      for (const { key, value } of rows) {
        const { hits, measured } = readCounts(value);
        totals.push({ bucket: bucketOfText(key[2]), hits, measured });
      }
    return totals;
  }

  async *scan(query: SumScanQuery): ScannedSums {
    const { dimension, period, ranges, withLatency, keys } = query;
    const wanted = keys && new Set(keys);
    const { view } = this.until(query);
    for (const range of ranges) {
      const stretch = stretchOf(dimension, period, range);
      for await (const rows of view.rowsInParts(stretch, withLatency))
        yield rows
          .filter(({ key }) => wanted?.has(key) ?? true)
          .map((row) => ({
            bucket: row.bucket,
            key: row.key,
            counts: row,
            eachSlot(onSlot) {
              for (const [slot, count] of row.latency) onSlot(slot, count);
            },
          }));
    }
  }

  /** Reads until a signal. */
  private until(end: Pick<SumPageQuery, 'signal'>): SumReader {
    return end.signal ? new SumReader(this.view.until(end)) : this;
  }

  private read(stretch: Stretch, query: SumPageQuery): Promise<SummaryIncrement[]> {
    if (query.key !== null) return this.ofKey(stretch, hexOfKey(query.key), query);
    return query.order === 'hits' ? this.top(stretch, query) : this.newest(stretch, query);
  }

  private async newest(
    stretch: Stretch,
    { limit, offset }: SumPageQuery,
  ): Promise<SummaryIncrement[]> {
    const rows = await this.view.read(stretch, stretch.startkey, 4, limit, offset);
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return [];
    return this.view.withLatency({ ...stretch, startkey: first.key, endkey: [...last.key, {}] });
  }

  private async top(
    stretch: Stretch,
    { limit, offset }: SumPageQuery,
  ): Promise<SummaryIncrement[]> {
    const wanted = offset + limit;
    let best: PlainRow[] = [];
    let read = 0;
    for await (const rows of this.view.plainRows(stretch)) {
      read += rows.length;
      best.push(...rows);
      if (best.length > 2 * wanted + SPARE_ROWS) best = best.sort(compareHits).slice(0, wanted);
    }
    const page = best.sort(compareHits).slice(offset, wanted);
    if (read > page.length * ROWS_PER_WANTED_ROW) return this.eachWithLatency(stretch, page);
    const all = await this.view.withLatency(stretch);
    const byName = new Map(all.map((row) => [`${row.bucket} ${hexOfKey(row.key)}`, row]));
    return page.flatMap(({ bucket, hex }) => byName.get(`${bucket} ${hex}`) ?? []);
  }

  // A view by key would take as much space again. A key has at most one row in each bucket.
  private async ofKey(
    stretch: Stretch,
    hex: string,
    { order, limit, offset }: SumPageQuery,
  ): Promise<SummaryIncrement[]> {
    const found: SummaryIncrement[] = [];
    for await (const buckets of this.view.inParts(stretch, 3)) {
      const named = buckets.map(({ key }) => ({ bucket: bucketOfText(key[2]), hex }));
      for (let at = 0; at < named.length; at += BUCKETS_AT_ONCE) {
        found.push(...(await this.eachWithLatency(stretch, named.slice(at, at + BUCKETS_AT_ONCE))));
        if (order === 'date' && found.length >= offset + limit)
          return found.slice(offset, offset + limit);
      }
    }
    if (order === 'hits') found.sort((a, b) => b.hits - a.hits || b.bucket - a.bucket);
    return found.slice(offset, offset + limit);
  }

  private async eachWithLatency(
    stretch: Stretch,
    rows: readonly Pick<PlainRow, 'bucket' | 'hex'>[],
  ): Promise<SummaryIncrement[]> {
    const found: SummaryIncrement[] = [];
    for (let at = 0; at < rows.length; at += REQUESTS_AT_ONCE) {
      const some = rows.slice(at, at + REQUESTS_AT_ONCE).map(({ bucket, hex }) => {
        const startkey = [stretch.dimension, stretch.period, textOfBucket(bucket), hex];
        return this.view.withLatency({ ...stretch, startkey, endkey: [...startkey, {}] });
      });
      found.push(...(await Promise.all(some)).flat());
    }
    return found;
  }
}

function compareHits(a: PlainRow, b: PlainRow): number {
  return b.counts[0]! - a.counts[0]! || b.bucket - a.bucket || compareKeys(a.hex, b.hex);
}
