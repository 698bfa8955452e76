import { SUMMARY_PERIODS, type Summarizer } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { DimensionsChange } from '../../base/time-zones/settle-time-zone.js';
import { BaseSummaryZones } from '../../base/time-zones/summary-zones.js';
import { bucketOfText } from '../format/design-documents.js';
import { stretchOf, type SumView } from './sum-view.js';

/**
 * The time zone of the sums in CouchDB. Each document holds what it adds itself, so none is counted
 * twice. A rebuild corrects documents that hold their record. The others stay.
 */
export class SummaryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    private readonly view: SumView,
    rebuild: () => Promise<void>,
  ) {
    super(storageName, values, summarizer, rebuild);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const found = new Map<string, BucketStart>();
    for (const dimension of dimensions)
      for (const period of SUMMARY_PERIODS) {
        const stretch = stretchOf(dimension, period, { first: null, last: null });
        for await (const rows of this.view.inParts(stretch, 3))
          for (const { key } of rows)
            found.set(`${period} ${key[2]}`, { period, bucket: bucketOfText(key[2]) });
      }
    return [...found.values()];
  }

  async recut(change: DimensionsChange): Promise<void> {
    if (await this.isStillNoted(change)) await this.noteRecut(change);
  }
}
