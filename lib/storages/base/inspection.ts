import { RECORD_COUNT } from '../../summary/index.js';
import { readCoverage, type Coverage } from './coverage-note.js';
import { readPruned, readZones } from './named-values.js';
import { parseUsageQuery } from './parse-usage-query.js';
import type { PrunedUntil } from './recompute/bucket-ranges.js';
import type { BaseStorageParts } from './storage-parts.js';
import type { NotedZone } from './time-zones/zone-change.js';

/** The stored sums of one dimension. */
export interface InspectedSums {
  readonly dimension: string;
  /** First instants of the newest month, day and hour that have rows, in milliseconds. */
  readonly newest: { readonly month: number; readonly day: number; readonly hour: number };
  /** The noted time zone; null if none is noted. */
  readonly zone: NotedZone | null;
}

/** What is stored, whoever wrote it. */
export interface StorageInspection {
  /** The noted format; null if none is noted: nothing is stored, or version 0.1.0 has stored it. */
  readonly format: number | null;
  /** Whether sums are kept as rows. Elsewhere they are made of the records, and go with them. */
  readonly hasSumRows: boolean;
  /** Whether there are neither records nor sums. */
  readonly isEmpty: boolean;
  /** The sums that have rows, the hidden count of all records left out, by name. */
  readonly sums: readonly InspectedSums[];
  /** The hidden count of all records; null if there is none. */
  readonly count: InspectedSums | null;
  readonly pruned: PrunedUntil;
  /** Since when sums count all records, and where not; null if nothing is known. */
  readonly coverage: Coverage | null;
}

type InspectedParts = Pick<BaseStorageParts, 'eraser' | 'reader' | 'sums' | 'values'>;

/** Looks at what is stored. */
export async function inspectParts(parts: InspectedParts): Promise<StorageInspection> {
  const { eraser, reader, sums, values } = parts;
  const names = (await (eraser.dimensions?.() ?? sums.storedDimensions?.())) ?? [];
  const zones = await readZones(values, names);
  const found: InspectedSums[] = [];
  // Not all at once: a storage may have one connection.
  for (const dimension of names.toSorted()) {
    const newest = await newestBuckets(parts, dimension);
    if (newest) found.push({ dimension, newest, zone: zones.get(dimension) ?? null });
  }
  const noted = (await values.read('format', ['format'])).get('format');
  const hasRecords = (await reader.page(parseUsageQuery({ limit: 1 }))).length > 0;
  return {
    format: noted === undefined ? null : Number(noted),
    hasSumRows: eraser.dimensions !== undefined,
    isEmpty: !hasRecords && found.length === 0,
    sums: found.filter(({ dimension }) => dimension !== RECORD_COUNT),
    count: found.find(({ dimension }) => dimension === RECORD_COUNT) ?? null,
    pruned: await readPruned(values),
    coverage: await readCoverage(values),
  };
}

/** Null if the dimension has no rows: it is the name of a note. */
async function newestBuckets(
  { sums }: InspectedParts,
  dimension: string,
): Promise<InspectedSums['newest'] | null> {
  const newest = { month: -Infinity, day: -Infinity, hour: -Infinity };
  // A month holds its days and hours, wherever its zone cuts them.
  for (const period of ['month', 'day', 'hour'] as const) {
    if (sums.newestBucket) {
      newest[period] = (await sums.newestBucket(dimension, period)) ?? -Infinity;
      continue;
    }
    const first = Math.max(newest.month, newest.day);
    const range = { first: first === -Infinity ? null : first, last: null };
    for (const { bucket } of await sums.totals({ dimension, period, range }))
      newest[period] = Math.max(newest[period], bucket);
  }
  return Math.max(newest.month, newest.day, newest.hour) === -Infinity ? null : newest;
}
