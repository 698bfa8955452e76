import {
  addCounts,
  isMeasured,
  readCounts,
  rowWith,
  type BucketRange,
  type MutableCounts,
  type SummaryIncrement,
  type SummaryPeriod,
  type SummaryRow,
} from '../../../summary/index.js';
import type { Cancellation } from '../../base/query/cancellation.js';
import type { CouchDatabase, ViewRow } from '../connection/couch-database.js';
import { bucketOfText, SEEN, SUMS, textOfBucket, viewPath } from '../format/design-documents.js';
import type { UsageDocument } from '../records/record-mapper.js';
import { keyOfHex, type DocumentCounts } from './document-sums.js';

const ROWS_AT_ONCE = 2000;
const BY_BUCKET = viewPath(SUMS, 'by_bucket');
const SEEN_BY_BUCKET = viewPath(SEEN, 'by_bucket');

/** A row of sums without latency. */
export interface PlainRow {
  readonly bucket: number;
  readonly hex: string;
  readonly counts: DocumentCounts;
}

/** A range of adjacent rows. */
export interface Stretch {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly startkey: readonly unknown[];
  readonly endkey: readonly unknown[];
}

export type SumRow = ViewRow<readonly [string, string, string, string, number], DocumentCounts>;

/** The first and the last date of the requests that count in a row. */
type SeenRow = ViewRow<
  readonly [string, string, string, string],
  { readonly min: number; readonly max: number }
>;

/** Reads the view of sums, which has a row for each bucket, key and slot of latency. */
export class SumView {
  constructor(private readonly database: CouchDatabase) {}

  /** The same view, whose requests a signal ends. */
  until(end: Pick<Cancellation, 'signal'>): SumView {
    return end.signal ? new SumView(this.database.until(end)) : this;
  }

  /** Reads all rows of some buckets, with their latency. */
  async rows(
    dimension: string,
    period: SummaryPeriod,
    range: BucketRange,
  ): Promise<SummaryIncrement[]> {
    return this.withLatency(stretchOf(dimension, period, range));
  }

  /** Counts the rows of a dimension in some buckets. */
  async countRows(dimension: string, period: SummaryPeriod, range: BucketRange): Promise<number> {
    let count = 0;
    for await (const rows of this.plainRows(stretchOf(dimension, period, range)))
      count += rows.length;
    return count;
  }

  /** Reads up to `limit` documents that count in some buckets of a dimension. */
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

  /** Reads the documents that count in one row. */
  async documentsOf(
    row: readonly [dimension: string, period: SummaryPeriod, bucket: string, hex: string],
  ): Promise<UsageDocument[]> {
    const query = { startkey: row, endkey: [...row, {}], reduce: false, include_docs: true };
    const rows = await this.database.view(BY_BUCKET, query);
    return rows.flatMap(({ doc }) =>
      (doc as UsageDocument | null)?._id ? [doc as UsageDocument] : [],
    );
  }

  /** Returns the first bucket of a dimension at or after `from`; null if there is none. */
  async firstBucket(
    dimension: string,
    period: SummaryPeriod,
    from: number | null,
  ): Promise<number | null> {
    const { startkey, endkey } = stretchOf(dimension, period, { first: from, last: null });
    const [row] = await this.database.view<SumRow['key']>(BY_BUCKET, {
      startkey: endkey,
      endkey: startkey,
      descending: true,
      limit: 1,
      reduce: false,
    });
    return row ? bucketOfText(row.key[2]) : null;
  }

  /** Reads every dimension of any document, one after the other: adding up all rows takes longer. */
  async dimensions(): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const last = found.at(-1);
      const [row] = await this.database.view<SumRow['key']>(BY_BUCKET, {
        ...(last !== undefined && { startkey: [last, {}] }),
        limit: 1,
        reduce: false,
      });
      if (!row) return found;
      found.push(row.key[0]);
    }
  }

  /** The newest bucket of a dimension; null if it has none. */
  async newestBucket(dimension: string, period: SummaryPeriod): Promise<number | null> {
    const { startkey, endkey } = stretchOf(dimension, period, { first: null, last: null });
    const [row] = await this.database.view<SumRow['key']>(BY_BUCKET, {
      startkey,
      endkey,
      limit: 1,
      reduce: false,
    });
    return row ? bucketOfText(row.key[2]) : null;
  }

  /** Returns the database's update sequence. It changes with every write. */
  async sequence(): Promise<string> {
    return JSON.stringify((await this.database.ask('GET'))['update_seq']);
  }

  /** Reads rows with their latency. */
  async withLatency(stretch: Stretch): Promise<SummaryIncrement[]> {
    const { dimension, period } = stretch;
    const rows: (SummaryRow & MutableCounts)[] = [];
    let last = '';
    for await (const slots of this.inParts(stretch, 5)) {
      for (const { key, value } of slots) {
        const { bucket, hex } = placeOf(key);
        const counts = readCounts(value, new Map([[key[4], value[0]!]]));
        const name = `${bucket} ${hex}`;
        const row = rows.at(-1);
        if (row && name === last) {
          addCounts(row, counts);
          continue;
        }
        last = name;
        rows.push(rowWith(dimension, period, bucket, keyOfHex(hex), counts));
      }
    }
    await this.readSeen(stretch, rows);
    return rows;
  }

  /** Yields rows, up to 2,000 at a time, with or without their latency. */
  async *rowsInParts(
    stretch: Stretch,
    withLatency: boolean,
  ): AsyncGenerator<readonly SummaryIncrement[]> {
    const { dimension, period } = stretch;
    for await (const part of this.inParts(stretch, 4)) {
      const { key } = part.at(-1)!;
      const all = { ...stretch, startkey: part[0]!.key, endkey: [...key, {}] };
      if (withLatency) yield await this.withLatency(all);
      else {
        const rows = part.map(({ key, value }) => {
          const { bucket, hex } = placeOf(key);
          return rowWith(dimension, period, bucket, keyOfHex(hex), readCounts(value));
        });
        await this.readSeen(all, rows);
        yield rows;
      }
    }
  }

  /**
   * Sets the first and the last request of rows. The rows must be all rows of the stretch, in its
   * order.
   */
  private async readSeen(
    stretch: Stretch,
    rows: readonly (SummaryRow & MutableCounts)[],
  ): Promise<void> {
    // Right after an upgrade no row has all measures. Such rows need not wait for another view.
    if (!rows.some(isMeasured)) return;
    let at = 0;
    for await (const dates of this.inParts<SeenRow>(stretch, 4, SEEN_BY_BUCKET))
      for (const { key, value } of dates) {
        const { bucket, hex } = placeOf(key);
        const name = keyOfHex(hex);
        // A record that was stored in between is in only one of the two views.
        let found = at;
        while (
          found < rows.length &&
          !(rows[found]!.bucket === bucket && rows[found]!.key === name)
        )
          found++;
        if (found === rows.length) continue;
        rows[found]!.firstSeen = value.min;
        rows[found]!.lastSeen = value.max;
        at = found + 1;
      }
  }

  async *plainRows(stretch: Stretch): AsyncGenerator<PlainRow[]> {
    for await (const rows of this.inParts(stretch, 4))
      yield rows.map(({ key, value }) => ({ ...placeOf(key), counts: value }));
  }

  /** Yields rows grouped by the first parts of their keys, up to 2,000 at a time. */
  async *inParts<Row extends ViewRow<readonly unknown[], unknown> = SumRow>(
    stretch: Stretch,
    level: 3 | 4 | 5,
    view = BY_BUCKET,
  ): AsyncGenerator<readonly Row[]> {
    let { startkey } = stretch;
    for (;;) {
      const rows = await this.read<Row>(stretch, startkey, level, ROWS_AT_ONCE, 0, view);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      // After the last row, and before any other.
      startkey = [...last.key, level === 5 ? null : {}];
    }
  }

  async read<Row extends ViewRow<readonly unknown[], unknown> = SumRow>(
    { endkey }: Stretch,
    startkey: readonly unknown[],
    level: 3 | 4 | 5,
    limit: number,
    skip: number,
    view = BY_BUCKET,
  ): Promise<readonly Row[]> {
    const rows = await this.database.view(view, {
      startkey,
      endkey,
      limit,
      skip,
      reduce: true,
      group_level: level,
    });
    return rows as readonly Row[];
  }
}

/** Returns the stretch of a dimension's rows in some buckets of a period. */
export function stretchOf(
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

function placeOf([, , bucket, hex]: SumRow['key'] | SeenRow['key']): {
  bucket: number;
  hex: string;
} {
  return { bucket: bucketOfText(bucket), hex };
}
