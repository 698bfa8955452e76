import {
  isNamedKey,
  isPersonal,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type SummaryPeriod,
} from '../../../summary/index.js';

/**
 * The values of the added measures, in order; these come first among all measures. Documents of
 * version 0.1.0 have the first four. The view adds up the values that are there.
 */
export type DocumentCounts = readonly number[];

/** Keys in hexadecimal, by dimension. */
export type HexKeys = Readonly<Record<string, string>>;

/**
 * What a document adds to sums. It is computed when the document is written, so the views need
 * neither the hooks nor a table of time zones.
 */
export interface DocumentSums extends Partial<Record<SummaryPeriod, number>> {
  readonly counts: DocumentCounts;
  /** The record's slot of latency. */
  readonly slot: number;
  readonly keys: HexKeys;
  /** The keys that differ from `keys` in a period: those of persons, where they are folded. */
  readonly keysIn?: Partial<Readonly<Record<SummaryPeriod, HexKeys>>>;
}

const OTHER_HEX = hexOfKey(OTHER_KEY);

/** A key as the views hold it. Hexadecimal UTF-8 sorts by code point. */
export function hexOfKey(key: string): string {
  return Buffer.from(key).toString('hex');
}

export function keyOfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}

/**
 * Counts a key of a dimension under `(other)` in some periods. Null if the document has another key.
 */
export function withFoldedKey(
  sums: DocumentSums,
  dimension: string,
  hex: string,
  periods: readonly SummaryPeriod[],
): DocumentSums | null {
  return sums.keys[dimension] === hex ? withFolded(sums, [dimension], periods) : null;
}

/** Counts all keys of persons under `(other)` in some periods. */
export function withFoldedPersons(
  sums: DocumentSums,
  periods: readonly SummaryPeriod[],
): DocumentSums {
  const dimensions = Object.keys(sums.keys).filter(
    (dimension) => isPersonal(dimension) && isNamedKey(keyOfHex(sums.keys[dimension]!)),
  );
  return dimensions.length > 0 ? withFolded(sums, dimensions, periods) : sums;
}

function withFolded(
  sums: DocumentSums,
  dimensions: readonly string[],
  periods: readonly SummaryPeriod[],
): DocumentSums {
  const folded = Object.fromEntries(dimensions.map((dimension) => [dimension, OTHER_HEX]));
  const keysIn = { ...sums.keysIn };
  for (const period of periods) keysIn[period] = { ...keysIn[period], ...folded };
  return withoutHiddenKeys({ ...sums, keysIn });
}

/** Adds the stored keys of summaries that are not kept here. Returns a new object. */
export function withKeysOfOthers(
  sums: DocumentSums,
  stored: DocumentSums | undefined,
  kept: readonly string[],
): { -readonly [Part in keyof DocumentSums]: DocumentSums[Part] } {
  if (stored === undefined) return { ...sums };
  const keysIn = { ...sums.keysIn };
  for (const period of SUMMARY_PERIODS) {
    const others = Object.entries(stored.keysIn?.[period] ?? {}).filter(
      ([dimension]) => !kept.includes(dimension),
    );
    if (others.length > 0) keysIn[period] = { ...Object.fromEntries(others), ...keysIn[period] };
  }
  const keys = { ...stored.keys, ...sums.keys };
  return { ...sums, keys, ...(Object.keys(keysIn).length > 0 && { keysIn }) };
}

/**
 * Replaces the keys that no period shows any longer, so that the document does not hold them either.
 * Leaves out empty parts.
 */
export function withoutHiddenKeys(sums: DocumentSums): DocumentSums {
  const { keysIn = {}, ...rest } = sums;
  const shown = SUMMARY_PERIODS.filter((period) => rest[period] !== undefined);
  const keys = Object.entries(rest.keys).map(([dimension, hex]) => {
    const own = shown.map((period) => ownKey(keysIn[period], dimension));
    return [dimension, own.length > 0 && own.every(Boolean) ? own[0]! : hex] as const;
  });
  const kept = shown.flatMap((period) => {
    const own = keys.flatMap(([dimension, hex]) => {
      const folded = ownKey(keysIn[period], dimension);
      return folded !== undefined && folded !== hex ? [[dimension, folded] as const] : [];
    });
    return own.length > 0 ? [[period, Object.fromEntries(own)] as const] : [];
  });
  const clean = { ...rest, keys: Object.fromEntries(keys) };
  return kept.length > 0 ? { ...clean, keysIn: Object.fromEntries(kept) } : clean;
}

function ownKey(keys: HexKeys | undefined, dimension: string): string | undefined {
  return keys && Object.hasOwn(keys, dimension) ? keys[dimension] : undefined;
}
