import type { NoteChange, NoteKind } from '../contract/usage-notes.js';
import type { PrunedUntil } from './recompute/bucket-ranges.js';
import type { NotedZone } from './time-zones/zone-change.js';

/**
 * The kinds of values that a storage notes beside its data. The names of each kind:
 *
 * - `pruned`: `records`, `hour`, `day`, `month` and `personal`; the value is a watermark in
 *   milliseconds since the epoch
 * - `salt`: a day, `2026-11-23`; the value is the salt of daily visitors
 * - `zone`: a dimension; the value is the time zone that cuts its buckets
 * - `format`: `format` and `oldest`; the values are numbers
 * - `coverage`: the spans for which summaries are complete
 * - the kinds of notes: see `NoteKind`
 */
export type ValueKind = 'pruned' | 'salt' | 'zone' | 'format' | 'coverage' | NoteKind;

/** The stored text that is expected, null if none is, and the text that replaces it. */
export interface Replacement {
  readonly expected: string | null;
  readonly value: string;
}

/** A small store of named texts. Each backend chooses where it stores each kind. */
export interface NamedValues {
  /** Returns the stored values by name. Names without a value are left out. */
  read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>>;
  write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void>;
  /**
   * Writes a value if the stored one is the expected one. If several processes do so at once, one
   * succeeds.
   *
   * @returns Whether the value was written.
   */
  replace(kind: ValueKind, name: string, replacement: Replacement): Promise<boolean>;
  /** Writes a number, unless a greater one is stored. */
  raise(kind: ValueKind, name: string, value: number): Promise<void>;
  /** Deletes the values whose names sort before `name`, by code points. */
  deleteBefore(kind: ValueKind, name: string): Promise<void>;
  /** Returns all notes of a kind. */
  notes(kind: NoteKind): Promise<Map<string, string>>;
  /** Deletes a note. */
  deleteNote(kind: NoteKind, name: string): Promise<void>;
}

/** A process that changes a note competes with others for this many attempts. */
const NOTE_ATTEMPTS = 50;
/** Attempts to read or write a salt. One that fails this often will not succeed later. */
const SALT_ATTEMPTS = 20;
const PRUNED_KINDS = ['records', 'hour', 'day', 'month'] as const;
/** Prefix of a noted zone while its sums are being rebuilt. */
const INCOMPLETE = '~';

/** Raises the pruned watermark of a kind of data: all data from before this instant is pruned. */
export async function notePruned(
  values: NamedValues,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  await values.raise('pruned', kind, before);
}

/** Reads the pruned watermarks. */
export async function readPruned(values: NamedValues): Promise<PrunedUntil> {
  const found = await values.read('pruned', PRUNED_KINDS);
  return Object.fromEntries([...found].map(([kind, text]) => [kind, Number(text)]));
}

/**
 * Returns the salt of a day, the same for all processes: the stored one, or else `proposed`, which
 * is then stored.
 *
 * @throws {Error} if the salt can be neither read nor written in 20 attempts.
 */
export async function dailySalt(
  values: NamedValues,
  day: string,
  proposed: string,
): Promise<string> {
  for (let attempt = 1; attempt <= SALT_ATTEMPTS; attempt++) {
    const stored = (await values.read('salt', [day])).get(day);
    if (stored !== undefined) return stored;
    if (await values.replace('salt', day, { expected: null, value: proposed })) return proposed;
  }
  throw new Error(`The salt of ${day} can be neither read nor written.`);
}

/**
 * Changes a note.
 *
 * @throws {Error} if others change the note during 50 attempts.
 */
export async function changeNote(
  values: NamedValues,
  kind: NoteKind,
  name: string,
  change: NoteChange,
): Promise<void> {
  for (let attempt = 1; attempt <= NOTE_ATTEMPTS; attempt++) {
    const known = (await values.read(kind, [name])).get(name) ?? null;
    const changed = change(known);
    if (changed === undefined || changed === known) return;
    if (changed === null) return values.deleteNote(kind, name);
    if (await values.replace(kind, name, { expected: known, value: changed })) return;
  }
  throw new Error(
    `The note ${name} of the kind ${kind} could not be changed in ${NOTE_ATTEMPTS} attempts.`,
  );
}

/** Notes the time zone that cuts the buckets of some dimensions. */
export async function noteZone(
  values: NamedValues,
  dimensions: readonly string[],
  zone: NotedZone,
): Promise<void> {
  const text = textOfZone(zone);
  await values.write('zone', new Map(dimensions.map((dimension) => [dimension, text])));
}

/** Reads the noted time zones of some dimensions. Dimensions without a note are left out. */
export async function readZones(
  values: NamedValues,
  dimensions: readonly string[],
): Promise<Map<string, NotedZone>> {
  const found = await values.read('zone', dimensions);
  return new Map([...found].map(([dimension, text]) => [dimension, zoneOfText(text)]));
}

/**
 * The text of a noted zone: `Europe/Berlin`, or `~Europe/Berlin` while its sums are being rebuilt.
 */
export function textOfZone({ zone, isComplete }: NotedZone): string {
  return isComplete ? zone : INCOMPLETE + zone;
}

export function zoneOfText(text: string): NotedZone {
  const isComplete = !text.startsWith(INCOMPLETE);
  return { zone: isComplete ? text : text.slice(INCOMPLETE.length), isComplete };
}
