import { RECORD_COUNT, type BucketCalendar } from '../../../summary/index.js';
import type { PrunedUntil } from '../recompute/bucket-ranges.js';
import type { BucketStart } from './fitting-zone.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import { TimeZoneChangedError } from '../../contract/storage-errors.js';
import { findStrayRows, zoneChange, type NotedZone, type ZoneChange } from './zone-change.js';

/** Sums of some dimensions that are cut in the same other time zone. */
export interface DimensionsChange extends ZoneChange {
  readonly dimensions: readonly string[];
  /** The note of each dimension when the change was found. */
  readonly noted: NotedZone | null;
}

/** The sums of a storage that notes for each dimension which time zone cuts its buckets. */
export interface ZonedSums {
  readonly storageName: string;
  readonly calendar: BucketCalendar;
  /** The kept dimensions. */
  readonly dimensions: readonly string[];
  readZones(): Promise<ReadonlyMap<string, NotedZone>>;
  noteZone(dimensions: readonly string[], noted: NotedZone): Promise<void>;
  readPruned(): Promise<PrunedUntil>;
  /** Returns every bucket of these dimensions once. */
  bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]>;
  /**
   * Corrects the sums at the boundaries, raises the pruned watermarks to the boundaries, and notes
   * the new zone as incomplete. Does nothing if another process has changed the note meanwhile.
   * `rebuild` rebuilds what follows the boundaries.
   */
  recut(change: DimensionsChange): Promise<void>;
  /** Rebuilds all sums whose records are stored. */
  rebuild(): Promise<void>;
}

/**
 * Makes sure, before a storage is used, that the configured time zone cuts the buckets of its sums.
 *
 * @param prepares Whether notes and sums may be changed. If not, another zone is always refused.
 * @throws {TimeZoneChangedError} if another zone does, and `onChange` is `'refuse'`.
 */
export async function settleTimeZone(
  sums: ZonedSums,
  onChange: OnTimeZoneChange = 'refuse',
  prepares = true,
): Promise<void> {
  const { timeZone } = sums.calendar;
  const { changes, agreed, isComplete } = await changesOf(sums);
  const [change] = changes;
  if (change && (onChange === 'refuse' || !prepares))
    throw new TimeZoneChangedError(sums.storageName, timeZone, change.from, change.noted !== null);
  if (!prepares) return;
  if (agreed.length > 0) await sums.noteZone(agreed, { zone: timeZone, isComplete: true });
  if (changes.length > 0 || !isComplete) await rebuildChanged(sums, changes);
}

/**
 * Whether the count of all records is cut in another time zone, and none of the summaries is: other
 * processes keep other summaries there, in their zone.
 */
export async function isCountInOtherZone(sums: ZonedSums): Promise<boolean> {
  const noted = await sums.readZones();
  const zone = noted.get(RECORD_COUNT)?.zone;
  if (zone === undefined || zone === sums.calendar.timeZone) return false;
  return sums.dimensions.every(
    (dimension) => dimension === RECORD_COUNT || noted.get(dimension)?.zone !== zone,
  );
}

/** Rebuilds all sums, including those that another time zone cuts. */
export async function rebuildInZone(sums: ZonedSums): Promise<void> {
  const { changes, settled } = await changesOf(sums);
  const { timeZone } = sums.calendar;
  if (settled.length > 0) {
    const starts = await sums.bucketStarts(settled);
    const stray = findStrayRows(sums.calendar, starts, await sums.readPruned());
    const noted = { zone: timeZone, isComplete: true };
    if (stray) changes.push({ ...stray, dimensions: settled, noted });
  }
  await rebuildChanged(sums, changes);
}

async function rebuildChanged(
  sums: ZonedSums,
  changes: readonly DimensionsChange[],
): Promise<void> {
  for (const change of changes) await sums.recut(change);
  await sums.rebuild();
  await sums.noteZone(sums.dimensions, { zone: sums.calendar.timeZone, isComplete: true });
}

async function changesOf(sums: ZonedSums) {
  const { calendar, dimensions } = sums;
  const changes: DimensionsChange[] = [];
  const agreed: string[] = [];
  const settled: string[] = [];
  let isComplete = true;
  const noted = await sums.readZones();
  const byZone = new Map<string | null, string[]>();
  for (const dimension of dimensions) {
    const known = noted.get(dimension);
    if (known && !known.isComplete) isComplete = false;
    if (known?.zone === calendar.timeZone) {
      if (known.isComplete) settled.push(dimension);
      continue;
    }
    const zone = known?.zone ?? null;
    byZone.set(zone, [...(byZone.get(zone) ?? []), dimension]);
  }
  for (const [zone, some] of byZone) {
    const starts = await sums.bucketStarts(some);
    const change = zoneChange(calendar, zone, starts, await sums.readPruned());
    if (change) changes.push({ ...change, dimensions: some, noted: noted.get(some[0]!) ?? null });
    else agreed.push(...some);
  }
  return { changes, agreed, settled, isComplete };
}

/** Whether the note is unchanged. */
export function isSameZone(now: NotedZone | undefined, before: NotedZone | null): boolean {
  return now?.zone === before?.zone && now?.isComplete === before?.isComplete;
}
