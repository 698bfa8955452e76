import type { PrunedUntil } from './recompute/bucket-ranges.js';
import type { NotedZone } from './time-zones/zone-change.js';

/**
 * What a storage notes beside its data, each kind with names of its own:
 *
 * - `pruned`: `records`, `hour`, `day` and `month`; milliseconds since the epoch
 * - `salt`: a day, `2026-11-23`; the salt of daily visitors
 * - `zone`: a dimension; the zone in which its sums are cut
 * - `format`: `format` and `oldest`; numbers
 * - `coverage`: the spans for which summaries are complete
 */
export type ValueKind = 'pruned' | 'salt' | 'zone' | 'format' | 'coverage';

/** A small store of named texts. A backend decides where each kind lies. */
export interface NamedValues {
  /** The values that are there, by name. */
  read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>>;
  write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void>;
  /**
   * Writes a value if the present one is the expected one; null: if there is none. Of processes
   * that do so at once, one succeeds.
   *
   * @returns Whether it was written.
   */
  replace(kind: ValueKind, name: string, expected: string | null, value: string): Promise<boolean>;
  /** Writes a number, unless a greater one is there. */
  raise(kind: ValueKind, name: string, value: number): Promise<void>;
  /** Deletes the values whose names come before one, code point by code point. */
  deleteBefore(kind: ValueKind, name: string): Promise<void>;
}

/** A salt that is neither read nor written in so many attempts never will be. */
const SALT_ATTEMPTS = 20;
const PRUNED_KINDS = ['records', 'hour', 'day', 'month'] as const;
/** Stands before the zone of sums that are being rebuilt. */
const INCOMPLETE = '~';

/** Notes the pruned watermark of a kind of data: all from before an instant is gone. */
export async function notePruned(
  values: NamedValues,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  await values.raise('pruned', kind, before);
}

/** The pruned watermarks. */
export async function readPruned(values: NamedValues): Promise<PrunedUntil> {
  const found = await values.read('pruned', PRUNED_KINDS);
  return Object.fromEntries([...found].map(([kind, text]) => [kind, Number(text)]));
}

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  values: NamedValues,
  day: string,
  proposed: string,
): Promise<string> {
  for (let attempt = 1; attempt <= SALT_ATTEMPTS; attempt++) {
    const stored = (await values.read('salt', [day])).get(day);
    if (stored !== undefined) return stored;
    if (await values.replace('salt', day, null, proposed)) return proposed;
  }
  throw new Error(`The salt of ${day} can be neither read nor written.`);
}

/** Notes in which zone the sums of some dimensions are cut. */
export async function noteZone(
  values: NamedValues,
  dimensions: readonly string[],
  zone: NotedZone,
): Promise<void> {
  const text = textOfZone(zone);
  await values.write('zone', new Map(dimensions.map((dimension) => [dimension, text])));
}

/** In which zone the sums of some dimensions are cut. */
export async function readZones(
  values: NamedValues,
  dimensions: readonly string[],
): Promise<Map<string, NotedZone>> {
  const found = await values.read('zone', dimensions);
  return new Map([...found].map(([dimension, text]) => [dimension, zoneOfText(text)]));
}

/** The text of a zone's note: `Europe/Berlin`, or `~Europe/Berlin` while sums are being rebuilt. */
export function textOfZone({ zone, isComplete }: NotedZone): string {
  return isComplete ? zone : INCOMPLETE + zone;
}

export function zoneOfText(text: string): NotedZone {
  const isComplete = !text.startsWith(INCOMPLETE);
  return { zone: isComplete ? text : text.slice(INCOMPLETE.length), isComplete };
}
