import type { UsageRecord } from '../../../record/index.js';
import {
  SUMMARY_PERIODS,
  type BucketRange,
  type BucketSpan,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { leavesRoom } from '../../base/leaves-room.js';
import { bucketRanges, type PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import { rebuildInZone, settleTimeZone } from '../../base/time-zones/settle-time-zone.js';
import type { SummaryDifference } from '../../contract/summary-difference.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { NamedValues } from '../named-values.js';
import type { RecordReader } from '../records/record-reader.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { NEXT_DATE } from '../format/record-scripts.js';
import { RedisZones } from './summary-zones.js';
import { replaceRows, type Recounted, type RedisSummaries } from './sum-writer.js';
import { withSumLock } from './sum-lock.js';
import type { SumReader } from './sum-reader.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import { differences } from '../../base/recompute/differences.js';

const RECORDS_AT_ONCE = 500;

/**
 * Makes sums anew, and compares them with the records. It takes one month after
 * the other, the least that no bucket reaches beyond, and keeps writers out of that month only.
 */
export class SummaryMaintenance {
  private readonly zones: RedisZones;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly summaries: RedisSummaries,
    private readonly named: NamedValues,
    private readonly sums: SumReader,
    private readonly records: RecordReader,
  ) {
    this.zones = new RedisZones(connection, keys, summaries, named, sums, records, () =>
      this.rebuildMonths(null, null),
    );
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.zones.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.zones.dimensions.length === 0) await this.rebuildMonths(start, end);
    else await rebuildInZone(this.zones);
  }

  private async rebuildMonths(start: Date | null, end: Date | null): Promise<void> {
    const pruned = await this.named.readPruned();
    for (const month of await this.months(start, end))
      await this.recount(month, start, end, pruned, true, (recounted) =>
        replaceRows(this.connection, this.keys, recounted),
      );
  }

  /** Makes the sums of a month anew after work that is done while writers are kept out of it. */
  async rebuildAfter(month: BucketSpan, work: () => Promise<void>): Promise<void> {
    const pruned = await this.named.readPruned();
    const [start, end] = [new Date(month.start), new Date(month.end - 1)];
    let again = false;
    const replace = async (recounted: Recounted) => {
      await replaceRows(this.connection, this.keys, recounted);
      again = leavesRoom(recounted.stored, recounted.expected);
    };
    await this.recount(month, start, end, pruned, true, replace, work);
    while (again) await this.recount(month, start, end, pruned, true, replace);
  }

  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const found: SummaryDifference[] = [];
    const pruned = await this.named.readPruned();
    for (const month of await this.months(start, end))
      await this.recount(month, start, end, pruned, false, async ({ stored, expected }) => {
        found.push(...differences(stored, expected));
      });
    return found;
  }

  private async recount(
    month: BucketSpan,
    start: Date | null,
    end: Date | null,
    pruned: PrunedUntil,
    isRebuild: boolean,
    use: (recounted: Recounted) => Promise<void>,
    before: () => Promise<void> = async () => {},
  ): Promise<void> {
    const { summarizer, maxKeys } = this.summaries;
    const ranges = bucketRanges(
      summarizer.calendar,
      new Date(Math.max(month.start, start?.getTime() ?? -Infinity)),
      new Date(Math.min(month.end - 1, end?.getTime() ?? Infinity)),
      pruned,
    );
    await withSumLock(this.connection, this.keys.lock, month, async (lock) => {
      await before();
      const stored = await this.stored(ranges);
      const recount = new Recomputation(summarizer, ranges, maxKeys, stored);
      for await (const records of this.batches(month)) recount.add(records);
      await use({ stored, expected: recount.rows(isRebuild), lock });
    });
  }

  private async stored(ranges: Record<SummaryPeriod, BucketRange>): Promise<SummaryIncrement[]> {
    const rows: SummaryIncrement[] = [];
    for (const dimension of this.summaries.summarizer.dimensions) {
      for (const period of SUMMARY_PERIODS) {
        const buckets = await this.sums.buckets(dimension, period, ranges[period]);
        buckets.reverse();
        const keys = await this.sums.keysOf(buckets);
        const named = buckets.flatMap((name, at) => keys[at]!.map((key) => ({ name, key })));
        for (const row of await this.sums.rows(named)) rows.push(row);
      }
    }
    return rows;
  }

  private async *batches(month: BucketSpan): AsyncGenerator<UsageRecord[]> {
    const filter = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
    let batch: UsageRecord[] = [];
    for await (const record of this.records.stream(filter)) {
      if (batch.push(record) < RECORDS_AT_ONCE) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  /** The months that have records or buckets and overlap a range, the oldest first. */
  private async months(start: Date | null, end: Date | null): Promise<BucketSpan[]> {
    const { calendar, dimensions } = this.summaries.summarizer;
    const months = new Map<number, BucketSpan>();
    const add = (instant: number) => {
      const month = calendar.bucket('month', instant);
      months.set(month.start, month);
      return month;
    };
    const ranges = bucketRanges(calendar, start, end);
    const lists = dimensions.flatMap((dimension) =>
      SUMMARY_PERIODS.map((period) => this.sums.buckets(dimension, period, ranges[period])),
    );
    for (const { bucket } of (await Promise.all(lists)).flat()) add(bucket);
    const last = end ? calendar.bucket('month', end.getTime()).end - 1 : Infinity;
    let from: number | null = ranges.month.first ?? -Infinity;
    while ((from = await this.nextDate(from)) !== null && from <= last) from = add(from).end;
    return [...months.values()].sort((a, b) => a.start - b.start);
  }

  private async nextDate(from: number): Promise<number | null> {
    const bound = from === -Infinity ? '-inf' : String(from);
    const reply = await this.connection.run(NEXT_DATE, [this.keys.records], [bound]);
    return reply === null ? null : Number(reply);
  }
}
