import type { UsageRecord } from '../record/index.js';
import { addLatency, type LatencyCounts } from './latency-counts.js';
import { latencySlot } from './latency-scale.js';
import { wholeWeight } from './record-weight.js';
import type { SummaryPeriod } from './usage-sum.js';

/** A number that a summary keeps for each row, besides the latency counts. */
export interface Measure {
  readonly name: string;
  /** The stored format that introduced it; 1 is that of version 0.1.0. */
  readonly since: 1 | 2;
  /** How the values of two sets of requests combine. */
  readonly merge: 'add' | 'min' | 'max';
  /**
   * Every number is whole, so that sums do not depend on the order of addition. Microseconds are
   * reported in seconds. An instant is in milliseconds since 1970 and is reported as a Date.
   */
  readonly unit: 'requests' | 'bytes' | 'microseconds' | 'instant';
  /** Stored, but not reported. */
  readonly isHidden?: true;
}

/**
 * Every measure of a row, in the order of columns. Storages take their columns and fields from this
 * list. The functions below name each measure, because they run in hot loops.
 *
 * Version 0.1.0 may write to the same rows and only knows the measures of format 1. `measured`
 * counts the requests for which format 2 was written. If it equals `hits`, the measures of format 2
 * are known; otherwise they are unknown.
 */
export const MEASURES = [
  { name: 'hits', since: 1, merge: 'add', unit: 'requests' },
  { name: 'transfer', since: 1, merge: 'add', unit: 'bytes' },
  { name: 'errors', since: 1, merge: 'add', unit: 'requests' },
  { name: 'duration', since: 1, merge: 'add', unit: 'microseconds' },
  { name: 'measured', since: 2, merge: 'add', unit: 'requests', isHidden: true },
  { name: 'refused', since: 2, merge: 'add', unit: 'requests' },
  { name: 'aborted', since: 2, merge: 'add', unit: 'requests' },
  { name: 'firstSeen', since: 2, merge: 'min', unit: 'instant' },
  { name: 'lastSeen', since: 2, merge: 'max', unit: 'instant' },
] as const satisfies readonly Measure[];

/** The name of a measure. */
export type MeasureName = (typeof MEASURES)[number]['name'];

/** The measures of some requests, by name. */
export type Measures = { readonly [Name in MeasureName]: number };

/** Measures that can be added to. */
export type MutableMeasures = { -readonly [Name in MeasureName]: number };

/** Everything that a summary counts in a row: the measures and the latency counts. */
export interface SummaryCounts extends Measures {
  readonly latency: LatencyCounts;
}

/** Summary counts that can be added to. */
export interface MutableCounts extends MutableMeasures {
  readonly latency: Map<number, number>;
}

/** What one record adds to each of its buckets. */
export interface RecordCounts extends Measures {
  /** The latency slot to which `hits` is added. */
  readonly slot: number;
  /** Whether the request reached a handler. */
  readonly handled: boolean;
}

/** What a record adds to sums. A sampled record counts once per request of its weight. */
export function recordCounts(record: UsageRecord): RecordCounts {
  const hits = wholeWeight(record);
  const micros = roundCount(record.speed * 1e6);
  const { status } = record;
  const instant = record.date.getTime();
  return {
    hits,
    transfer: roundCount(record.contentLength) * hits,
    errors: status >= 500 ? hits : 0,
    duration: micros * hits,
    measured: hits,
    refused: status >= 400 && status < 500 ? hits : 0,
    aborted: record.outcome === 'aborted' ? hits : 0,
    firstSeen: instant,
    lastSeen: instant,
    slot: latencySlot(micros),
    handled: record.handler !== null,
  };
}

/** The counts of no requests. */
export function noCounts(): MutableCounts {
  return {
    hits: 0,
    transfer: 0,
    errors: 0,
    duration: 0,
    measured: 0,
    refused: 0,
    aborted: 0,
    firstSeen: Infinity,
    lastSeen: -Infinity,
    latency: new Map(),
  };
}

/** Adds the measures `from` to `into`. */
export function addMeasures(into: MutableMeasures, from: Measures): void {
  into.hits += from.hits;
  into.transfer += from.transfer;
  into.errors += from.errors;
  into.duration += from.duration;
  into.measured += from.measured;
  into.refused += from.refused;
  into.aborted += from.aborted;
  if (from.firstSeen < into.firstSeen) into.firstSeen = from.firstSeen;
  if (from.lastSeen > into.lastSeen) into.lastSeen = from.lastSeen;
}

/** Adds `counts` to `into`. */
export function addCounts(into: MutableCounts, counts: SummaryCounts): void {
  addMeasures(into, counts);
  addLatency(into.latency, counts.latency);
}

/**
 * A row with the given counts. Names every property, which is several times as fast as a spread.
 */
export function rowWith<Latency>(
  dimension: string,
  period: SummaryPeriod,
  bucket: number,
  key: string,
  counts: Measures & { readonly latency: Latency },
  unhandled?: true,
) {
  return {
    dimension,
    period,
    bucket,
    key,
    hits: counts.hits,
    transfer: counts.transfer,
    errors: counts.errors,
    duration: counts.duration,
    measured: counts.measured,
    refused: counts.refused,
    aborted: counts.aborted,
    firstSeen: counts.firstSeen,
    lastSeen: counts.lastSeen,
    latency: counts.latency,
    unhandled,
  };
}

/**
 * The measures in the order of `MEASURES`. An instant that is not known, such as `firstSeen` of no
 * requests, is not finite.
 */
export function measureValues(of: Measures): number[] {
  return [
    of.hits,
    of.transfer,
    of.errors,
    of.duration,
    of.measured,
    of.refused,
    of.aborted,
    of.firstSeen,
    of.lastSeen,
  ];
}

/**
 * The counts of a stored row.
 *
 * @param values The measures in the order of `MEASURES`, as numbers, text or dates; null or
 * undefined if the row lacks one.
 */
export function readCounts(
  values: readonly unknown[],
  latency: Map<number, number> = new Map(),
): MutableCounts {
  return {
    hits: Number(values[0] ?? 0),
    transfer: Number(values[1] ?? 0),
    errors: Number(values[2] ?? 0),
    duration: Number(values[3] ?? 0),
    measured: Number(values[4] ?? 0),
    refused: Number(values[5] ?? 0),
    aborted: Number(values[6] ?? 0),
    firstSeen: Number(values[7] ?? Infinity),
    lastSeen: Number(values[8] ?? -Infinity),
    latency,
  };
}

// A single NaN would make a sum NaN forever.
function roundCount(value: number): number {
  return value > 0 && value < Infinity ? Math.round(value) : 0;
}
