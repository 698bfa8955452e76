// Said with every call, since the collection may be the application's and have settings of its own.
const VALUES = {
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  raw: false,
  ignoreUndefined: true,
  serializeFunctions: false,
  checkKeys: false,
} as const;

/**
 * Text is compared byte by byte, whatever the collection's own collation: it is part of every
 * filter, or a name would stand for all that its collation takes for the same.
 */
export const SIMPLE_COLLATION = { locale: 'simple' } as const;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;
const FAST = { writeConcern: { w: 1 } } as const;

/** For questions of the application: where they are read is the application's choice. */
export const READ = { ...VALUES, collation: SIMPLE_COLLATION } as const;

/** For what a decision hangs on. */
export const READ_LATEST = {
  ...VALUES,
  collation: SIMPLE_COLLATION,
  readPreference: 'primary',
} as const;

/** For updates and deletions that must survive the loss of the primary. */
export const WRITE = { ...VALUES, ...MAJORITY, collation: SIMPLE_COLLATION } as const;

/** For those that are made durable by the next write, or do no harm if they are lost. */
export const WRITE_FAST = { ...VALUES, ...FAST, collation: SIMPLE_COLLATION } as const;

/** For inserts and for bulks as a whole, which take no collation: each update of a bulk does. */
export const INSERT = { ...VALUES, ...MAJORITY } as const;

/** The same for what is made durable by the next write. */
export const BULK_FAST = { ...VALUES, ...FAST } as const;
