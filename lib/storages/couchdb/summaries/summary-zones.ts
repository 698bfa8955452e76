import { SUMMARY_PERIODS, type BucketCalendar } from '../../../summary/index.js';
import type { PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import {
  isSameZone,
  type DimensionsChange,
  type ZonedSums,
} from '../../base/time-zones/settle-time-zone.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import type { CouchDatabase } from '../connection/couch-database.js';
import { hasStatus } from '../connection/failures.js';
import { bucketOfText } from '../format/design-documents.js';
import type { DocumentSummarizer } from './sum-mapper.js';
import { notePruned, readPruned } from '../named-values.js';
import { stretchOf, type SumView } from './sum-view.js';

// A local document is in no view, and is not replicated.
const PATH = '_local/track-usage-zones';
const ATTEMPTS = 5;

/**
 * The zone of the sums in CouchDB. Each document says what itself adds, so that none counts twice:
 * those that have their record are corrected by a rebuild, and the others stay.
 */
export class CouchZones implements ZonedSums {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    readonly storageName: string,
    private readonly database: CouchDatabase,
    private readonly sums: SumView,
    documents: DocumentSummarizer,
    readonly rebuild: () => Promise<void>,
  ) {
    ({ calendar: this.calendar, dimensions: this.dimensions } = documents);
  }

  async readZones(): Promise<Map<string, NotedZone>> {
    const noted = (await this.database.find(PATH)) ?? {};
    return new Map(Object.entries((noted['zones'] ?? {}) as Record<string, NotedZone>));
  }

  async noteZone(dimensions: readonly string[], zone: NotedZone): Promise<void> {
    const added = Object.fromEntries(dimensions.map((dimension) => [dimension, zone]));
    for (let attempt = 1; ; attempt++) {
      const noted = (await this.database.find(PATH)) ?? {};
      const zones = { ...(noted['zones'] as object | undefined), ...added };
      try {
        await this.database.ask('PUT', PATH, { ...noted, zones });
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !hasStatus((error as Error).cause ?? error, 409)) throw error;
      }
    }
  }

  readPruned(): Promise<PrunedUntil> {
    return readPruned(this.database);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const found = new Map<string, BucketStart>();
    for (const dimension of dimensions)
      for (const period of SUMMARY_PERIODS) {
        const stretch = stretchOf(dimension, period, { first: null, last: null });
        for await (const rows of this.sums.inParts(stretch, 3))
          for (const { key } of rows)
            found.set(`${period} ${key[2]}`, { period, bucket: bucketOfText(key[2]) });
      }
    return [...found.values()];
  }

  async recut({ dimensions, noted, boundaries }: DimensionsChange): Promise<void> {
    const zones = await this.readZones();
    if (!isSameZone(zones.get(dimensions[0]!), noted)) return;
    for (const { period, until } of boundaries) await notePruned(this.database, period, until);
    await this.noteZone(dimensions, { zone: this.calendar.timeZone, isComplete: false });
  }
}
