import {
  mergeIncrements,
  SUMMARY_PERIODS,
  type Summarizer,
  type SummaryTable,
} from '../../summary/index.js';
import type { NamedValues } from '../base/named-values.js';
import { BoundaryRecomputation, isReplaced } from '../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../base/time-zones/fitting-zone.js';
import type { DimensionsChange } from '../base/time-zones/settle-time-zone.js';
import { BaseSummaryZones } from '../base/time-zones/summary-zones.js';
import type { MemoryRecords } from './memory-records.js';

/** The time zone of sums in memory. */
export class MemoryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    rebuild: () => Promise<void>,
    private readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly records: MemoryRecords,
    private readonly table: SummaryTable,
  ) {
    super(storageName, values, summarizer, rebuild);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    return this.table.rows().filter(({ dimension }) => dimensions.includes(dimension));
  }

  async recut(change: DimensionsChange): Promise<void> {
    const stay = this.table.rows().filter((row) => !isReplaced(change, row));
    const recomputation = new BoundaryRecomputation(this.summarizer, change, this.maxKeys);
    recomputation.add(this.records.oldestFirst());
    for (const period of SUMMARY_PERIODS) this.table.remove(period, { first: null, last: null });
    this.table.add(mergeIncrements([...stay, ...recomputation.rows()]));
    await this.noteRecut(change);
  }
}
