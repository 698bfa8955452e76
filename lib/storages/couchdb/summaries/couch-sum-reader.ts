import {
  compareKeys,
  keyText,
  SummaryNotKeptError,
  SUMMARY_PERIODS,
  toUsageSum,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
  type UsageSums,
} from '../../../summary/index.js';
import type { ParsedSumQuery } from '../../parse-usage-query.js';
import type { CouchDatabase, ViewRow } from '../connection/couch-database.js';
import { bucketOfText, SUMS, textOfBucket, viewPath } from '../design/design-documents.js';
import type { UsageDocument } from '../records/usage-document.js';
import {
  hexOfKey,
  keyOfHex,
  type DocumentCounts,
  type DocumentSummarizer,
} from './document-sums.js';

const ROWS_AT_ONCE = 2000;
const SENT_AT_ONCE = 8;
/** So many rows may be read along with one that is wanted before each is asked for by itself. */
const READ_ALONG = 20;

/** A row of sums without latency. */
interface PlainRow {
  readonly bucket: number;
  readonly hex: string;
  readonly counts: DocumentCounts;
}

/** Rows that lie side by side. */
interface Stretch {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly startkey: readonly unknown[];
  readonly endkey: readonly unknown[];
}

type SumRow = ViewRow<readonly [string, string, string, string, number], DocumentCounts>;

const BY_BUCKET = viewPath(SUMS, 'by_bucket');

/** Reads sums from the views. Only a page is held and, by hits, the rows up to the page's end. */
export class CouchSumReader {
  constructor(
    private readonly database: CouchDatabase,
    private readonly storageName: string,
    private readonly summarizer: DocumentSummarizer,
  ) {}

  async getSum(dimension: string, query: ParsedSumQuery): Promise<UsageSums> {
    const { dimensions, calendar } = this.summarizer;
    if (!dimensions.includes(dimension))
      throw new SummaryNotKeptError(dimension, dimensions, this.storageName);
    const page = async (period: SummaryPeriod): Promise<UsageSum[]> => {
      const range = calendar.range(period, query.start, query.end);
      const rows = await this.page(stretchOf(dimension, period, range), query);
      return rows.map(toUsageSum);
    };
    const [hour, day, month] = await Promise.all(SUMMARY_PERIODS.map(page));
    return { hour: hour!, day: day!, month: month! };
  }

  /** All rows of some buckets, their latency too. */
  async rows(
    dimension: string,
    period: SummaryPeriod,
    range: BucketRange,
  ): Promise<SummaryIncrement[]> {
    return this.withLatency(stretchOf(dimension, period, range));
  }

  /** How many rows a dimension has in some buckets. */
  async countRows(dimension: string, period: SummaryPeriod, range: BucketRange): Promise<number> {
    let count = 0;
    for await (const rows of this.plainRows(stretchOf(dimension, period, range)))
      count += rows.length;
    return count;
  }

  /** Documents that count in some buckets of a dimension, up to a number of them. */
  async documents(
    dimension: string,
    period: SummaryPeriod,
    range: BucketRange,
    limit: number,
  ): Promise<UsageDocument[]> {
    const { startkey, endkey } = stretchOf(dimension, period, range);
    const query = { startkey, endkey, limit, reduce: false, include_docs: true };
    const rows = await this.database.view(BY_BUCKET, query);
    return rows.map(({ doc }) => doc as UsageDocument);
  }

  /** Every dimension that any document has. */
  async dimensions(): Promise<string[]> {
    const rows = await this.database.view<[string]>(BY_BUCKET, {
      reduce: true,
      group_level: 1,
    });
    return rows.map(({ key: [dimension] }) => dimension);
  }

  private page(stretch: Stretch, query: ParsedSumQuery): Promise<SummaryIncrement[]> {
    if (query.target !== null) return this.ofKey(stretch, hexOfKey(keyText(query.target)), query);
    return query.order === 'hits' ? this.top(stretch, query) : this.newest(stretch, query);
  }

  private async newest(
    stretch: Stretch,
    { limit, offset }: ParsedSumQuery,
  ): Promise<SummaryIncrement[]> {
    const rows = await this.read(stretch, stretch.startkey, 4, limit, offset);
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return [];
    return this.withLatency({ ...stretch, startkey: first.key, endkey: [...last.key, {}] });
  }

  private async top(
    stretch: Stretch,
    { limit, offset }: ParsedSumQuery,
  ): Promise<SummaryIncrement[]> {
    const wanted = offset + limit;
    let best: PlainRow[] = [];
    let read = 0;
    for await (const rows of this.plainRows(stretch)) {
      read += rows.length;
      best.push(...rows);
      if (best.length > 2 * wanted + ROWS_AT_ONCE) best = best.sort(compareHits).slice(0, wanted);
    }
    const page = best.sort(compareHits).slice(offset, wanted);
    if (read > page.length * READ_ALONG) return this.eachWithLatency(stretch, page);
    const all = await this.withLatency(stretch);
    const byName = new Map(all.map((row) => [`${row.bucket} ${hexOfKey(row.key)}`, row]));
    return page.flatMap(({ bucket, hex }) => byName.get(`${bucket} ${hex}`) ?? []);
  }

  // A view by key would take as much space again. A key has one row in each bucket, at most.
  private async ofKey(
    stretch: Stretch,
    hex: string,
    { order, limit, offset }: ParsedSumQuery,
  ): Promise<SummaryIncrement[]> {
    const found: SummaryIncrement[] = [];
    for await (const buckets of this.inParts(stretch, 3)) {
      const named = buckets.map(({ key }) => ({ bucket: bucketOfText(key[2]), hex }));
      for (let at = 0; at < named.length; at += ROWS_AT_ONCE / 10) {
        found.push(
          ...(await this.eachWithLatency(stretch, named.slice(at, at + ROWS_AT_ONCE / 10))),
        );
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
    for (let at = 0; at < rows.length; at += SENT_AT_ONCE) {
      const some = rows.slice(at, at + SENT_AT_ONCE).map(({ bucket, hex }) => {
        const startkey = [stretch.dimension, stretch.period, textOfBucket(bucket), hex];
        return this.withLatency({ ...stretch, startkey, endkey: [...startkey, {}] });
      });
      found.push(...(await Promise.all(some)).flat());
    }
    return found;
  }

  private async withLatency(stretch: Stretch): Promise<SummaryIncrement[]> {
    const { dimension, period } = stretch;
    const rows: (SummaryIncrement & { latency: Map<number, number> })[] = [];
    let last = '';
    for await (const slots of this.inParts(stretch, 5)) {
      for (const { key, value } of slots) {
        const { bucket, hex } = placeOf(key);
        const [hits, transfer, errors, duration] = value;
        const name = `${bucket} ${hex}`;
        const row = rows.at(-1);
        if (row && name === last) {
          row.latency.set(key[4], hits);
          rows[rows.length - 1] = {
            ...row,
            hits: row.hits + hits,
            transfer: row.transfer + transfer,
            errors: row.errors + errors,
            duration: row.duration + duration,
          };
          continue;
        }
        last = name;
        const latency = new Map([[key[4], hits]]);
        const sums = { hits, transfer, errors, duration, latency };
        rows.push({ dimension, period, bucket, key: keyOfHex(hex), ...sums });
      }
    }
    return rows;
  }

  private async *plainRows(stretch: Stretch): AsyncGenerator<PlainRow[]> {
    for await (const rows of this.inParts(stretch, 4))
      yield rows.map(({ key, value }) => ({ ...placeOf(key), counts: value }));
  }

  private async *inParts(stretch: Stretch, level: 3 | 4 | 5): AsyncGenerator<readonly SumRow[]> {
    let { startkey } = stretch;
    for (;;) {
      const rows = await this.read(stretch, startkey, level, ROWS_AT_ONCE, 0);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      // Behind the last row, and before any other.
      startkey = [...last.key, level === 5 ? null : {}];
    }
  }

  private read(
    { endkey }: Stretch,
    startkey: readonly unknown[],
    level: 3 | 4 | 5,
    limit: number,
    skip: number,
  ): Promise<readonly SumRow[]> {
    return this.database.view(BY_BUCKET, {
      startkey,
      endkey,
      limit,
      skip,
      reduce: true,
      group_level: level,
    });
  }
}

function stretchOf(
  dimension: string,
  period: SummaryPeriod,
  { first, last }: BucketRange,
): Stretch {
  const prefix = [dimension, period];
  return {
    dimension,
    period,
    startkey: last === null ? prefix : [...prefix, textOfBucket(last)],
    endkey: [...prefix, ...(first === null ? [] : [textOfBucket(first)]), {}],
  };
}

function placeOf([, , bucket, hex]: SumRow['key']): { bucket: number; hex: string } {
  return { bucket: bucketOfText(bucket), hex };
}

function compareHits(a: PlainRow, b: PlainRow): number {
  return b.counts[0] - a.counts[0] || b.bucket - a.bucket || compareKeys(a.hex, b.hex);
}
