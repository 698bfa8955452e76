import type { Cancellation } from '../../base/query/cancellation.js';

// Passed with every call, because the collection may be the application's and have its own
// settings.
const CONVERSIONS = {
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  raw: false,
  ignoreUndefined: true,
  serializeFunctions: false,
  checkKeys: false,
} as const;

/**
 * Text is compared byte by byte, whatever collation the collection has. This is part of every
 * filter: otherwise a name would match every name that the collation considers equal.
 */
export const SIMPLE_COLLATION = { locale: 'simple' } as const;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;
const FAST = { writeConcern: { w: 1 } } as const;

/** For queries of the application, which chooses where they read. */
export const READ = { ...CONVERSIONS, collation: SIMPLE_COLLATION } as const;

/** For queries that the caller may end. */
export function optionsOf(cancellation: Cancellation): object {
  return cancellation.signal ? { ...READ, ...endOf(cancellation) } : READ;
}

/**
 * What ends a query. The driver closes the connection of one that is ended, upon which the server
 * ends it. Drivers before 6.13 know no signal, and have the time limit.
 */
export function endOf({ signal, timeout }: Cancellation): object {
  return signal ? { signal, ...(timeout && { maxTimeMS: timeout }) } : {};
}

/** For reads on which a decision depends. */
export const READ_LATEST = {
  ...CONVERSIONS,
  collation: SIMPLE_COLLATION,
  readPreference: 'primary',
} as const;

/** For updates and deletions that must survive the loss of the primary. */
export const WRITE = { ...CONVERSIONS, ...MAJORITY, collation: SIMPLE_COLLATION } as const;

/** For updates that the next write makes durable, or whose loss is harmless. */
export const WRITE_FAST = { ...CONVERSIONS, ...FAST, collation: SIMPLE_COLLATION } as const;

/**
 * For inserts, and for bulks as a whole. These take no collation; each update of a bulk has its
 * own.
 */
export const INSERT = { ...CONVERSIONS, ...MAJORITY } as const;

/** For bulks that the next write makes durable. */
export const BULK_FAST = { ...CONVERSIONS, ...FAST } as const;
