import { mergeIncrements, SUMMARY_PERIODS } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import { BoundaryRecomputation, isReplaced } from '../../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { DimensionsChange } from '../../base/time-zones/settle-time-zone.js';
import { BaseSummaryZones } from '../../base/time-zones/summary-zones.js';
import type { BucketName } from '../format/redis-keys.js';
import type { RecordReader } from '../records/record-reader.js';
import type { SumLock } from './sum-lock.js';
import type { SumRows } from './sum-rows.js';
import type { SumWriter } from './sum-writer.js';

/** The time zone of the sums in Redis. */
export class SummaryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    private readonly rows: SumRows,
    private readonly writer: SumWriter,
    private readonly records: RecordReader,
    private readonly lock: SumLock,
    rebuild: () => Promise<void>,
  ) {
    super(storageName, values, writer.summarizer, rebuild);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const all = { first: null, last: null };
    const found = new Map<string, BucketStart>();
    for (const dimension of dimensions)
      for (const period of SUMMARY_PERIODS)
        for (const { bucket } of await this.rows.buckets(dimension, period, all))
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
    await this.lock.hold(span, async (lock) => {
      if (!(await this.isStillNoted(change))) return;
      const { kept, replaced } = await this.bucketsAt(change);
      const [keptRows, replacedRows] = [
        await this.rows.ofBuckets(kept),
        await this.rows.ofBuckets(replaced),
      ];
      const expected = mergeIncrements([...keptRows, ...(await this.recomputed(change))]);
      const stored = [...keptRows, ...replacedRows];
      await this.writer.replaceRows({ stored, expected, lock });
      await this.noteRecut(change);
    });
  }

  /**
   * Returns the buckets at the boundaries: those that are only added to, and those that are
   * replaced.
   */
  private async bucketsAt(change: DimensionsChange) {
    const names: BucketName[] = [];
    for (const dimension of change.dimensions)
      for (const { period, from, until, bucket } of change.boundaries) {
        const range = { first: Math.min(from, bucket), last: until - 1 };
        names.push(...(await this.rows.buckets(dimension, period, range)));
      }
    const isShared = (name: BucketName) =>
      change.boundaries.some(
        (each) => each.isShared && each.period === name.period && each.bucket === name.bucket,
      );
    return {
      kept: names.filter(isShared),
      replaced: names.filter((name) => isReplaced(change, name)),
    };
  }

  private async recomputed(change: DimensionsChange) {
    const { summarizer, maxKeys } = this.writer;
    const recomputation = new BoundaryRecomputation(summarizer, change, maxKeys);
    if (!recomputation.span) return [];
    for await (const records of this.records.batches({ ...recomputation.span, where: [] }))
      recomputation.add(records);
    return recomputation.rows();
  }
}
