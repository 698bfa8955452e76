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

/** Text is compared byte by byte, whatever the collection's own collation. */
export const SIMPLE_COLLATION = { locale: 'simple' } as const;

/** For questions of the application: where they are read is the application's choice. */
export const READ = { ...VALUES, collation: SIMPLE_COLLATION } as const;

/** For what a decision hangs on. */
export const READ_LATEST = { ...VALUES, readPreference: 'primary' } as const;

/** For what must survive the loss of the primary. */
export const WRITE = { ...VALUES, writeConcern: { w: 'majority' } } as const;

/** For what is made durable by the next write, or does no harm if it is lost. */
export const WRITE_FAST = { ...VALUES, writeConcern: { w: 1 } } as const;
