import type { Summarizer } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { DimensionsChange } from '../../base/time-zones/settle-time-zone.js';
import { BaseSummaryZones } from '../../base/time-zones/summary-zones.js';
import type { SumReader } from './sum-reader.js';

/**
 * The time zone of the sums in ClickHouse. Each record holds its own buckets, so none is counted
 * twice. A rebuild corrects records. Stored rows, whose records are pruned, stay.
 */
export class SummaryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    private readonly sums: SumReader,
    rebuild: () => Promise<void>,
  ) {
    super(storageName, values, summarizer, rebuild);
  }

  bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    return this.sums.bucketStarts(dimensions);
  }

  async recut(change: DimensionsChange): Promise<void> {
    if (await this.isStillNoted(change)) await this.noteRecut(change);
  }
}
