import {
  mergeIncrements,
  SUMMARY_PERIODS,
  type BucketCalendar,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import { BoundaryRecomputation, isReplaced } from '../../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import {
  isSameZone,
  type DimensionsChange,
  type ZonedSums,
} from '../../base/time-zones/settle-time-zone.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { NamedValues } from '../named-values.js';
import type { RecordReader } from '../records/record-reader.js';
import type { BucketName, RedisKeys } from '../format/redis-keys.js';
import { replaceRows, type RedisSummaries } from './sum-writer.js';
import { withSumLock } from './sum-lock.js';
import type { SumReader } from './sum-reader.js';

const RECORDS_AT_ONCE = 500;

/** The zone of the sums in Redis. */
export class RedisZones implements ZonedSums {
  readonly storageName: string;
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
    private readonly summaries: RedisSummaries,
    private readonly named: NamedValues,
    private readonly sums: SumReader,
    private readonly records: RecordReader,
    readonly rebuild: () => Promise<void>,
  ) {
    this.storageName = summaries.storageName;
    ({ calendar: this.calendar, dimensions: this.dimensions } = summaries.summarizer);
  }

  readZones(): Promise<Map<string, NotedZone>> {
    return this.named.readZones();
  }

  noteZone(dimensions: readonly string[], zone: NotedZone): Promise<void> {
    return this.named.noteZone(dimensions, zone);
  }

  readPruned(): Promise<PrunedUntil> {
    return this.named.readPruned();
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const all = { first: null, last: null };
    const found = new Map<string, BucketStart>();
    for (const dimension of dimensions)
      for (const period of SUMMARY_PERIODS)
        for (const { bucket } of await this.sums.buckets(dimension, period, all))
          found.set(`${period} ${bucket}`, { period, bucket });
    return [...found.values()];
  }

  async recut(change: DimensionsChange): Promise<void> {
    const { boundaries } = change;
    const span = {
      start: Math.min(...boundaries.map(({ from, bucket }) => Math.min(from, bucket))),
      end: Math.max(...boundaries.map(({ until }) => until)),
    };
    if (boundaries.length === 0) Object.assign(span, { start: 0, end: 0 });
    await withSumLock(this.connection, this.keys.lock, span, async (lock) => {
      const zones = await this.readZones();
      if (!isSameZone(zones.get(change.dimensions[0]!), change.noted)) return;
      const { kept, replaced } = await this.stored(change);
      const expected = mergeIncrements([...kept, ...(await this.counted(change))]);
      const stored = [...kept, ...replaced];
      await replaceRows(this.connection, this.keys, { stored, expected, lock });
      for (const { period, until } of boundaries) await this.named.notePruned(period, until);
      const zone = this.calendar.timeZone;
      await this.noteZone(change.dimensions, { zone, isComplete: false });
    });
  }

  /** Rows at the boundaries: those that go, and those that are only added to. */
  private async stored(change: DimensionsChange) {
    const names: BucketName[] = [];
    for (const dimension of change.dimensions)
      for (const { period, from, until, bucket } of change.boundaries) {
        const range = { first: Math.min(from, bucket), last: until - 1 };
        names.push(...(await this.sums.buckets(dimension, period, range)));
      }
    const isShared = (name: BucketName) =>
      change.boundaries.some(
        (each) => each.isShared && each.period === name.period && each.bucket === name.bucket,
      );
    return {
      kept: await this.rows(names.filter(isShared)),
      replaced: await this.rows(names.filter((name) => isReplaced(change, name))),
    };
  }

  private async rows(names: readonly BucketName[]): Promise<SummaryIncrement[]> {
    const keys = await this.sums.keysOf(names);
    return this.sums.rows(names.flatMap((name, at) => keys[at]!.map((key) => ({ name, key }))));
  }

  private async counted(change: DimensionsChange): Promise<SummaryIncrement[]> {
    const { summarizer, maxKeys } = this.summaries;
    const recount = new BoundaryRecomputation(summarizer, change, maxKeys);
    if (!recount.span) return [];
    let page = [];
    for await (const record of this.records.stream({ ...recount.span, where: [] })) {
      if (page.push(record) < RECORDS_AT_ONCE) continue;
      recount.add(page);
      page = [];
    }
    recount.add(page);
    return recount.rows();
  }
}
