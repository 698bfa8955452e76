import {
  NewerFormatError,
  PartlyUnavailableError,
  StorageUnavailableError,
  TimeZoneChangedError,
} from '../../contract/storage-errors.js';

const DUPLICATE_KEY = 11_000;
// A unique index of the application rejects a record that is not stored yet.
const OTHER_INDEX = / index: (?!_id_ )/;

// Values, names of fields, sizes, shard keys, validators, unique and other indexes.
const ABOUT_RECORDS = new Set([
  2, 9, 14, 15, 16, 17, 22, 28, 40, 52, 53, 54, 55, 56, 57, 61, 66, 121, 10_334, 11_000, 11_001,
  16_755, 16_804, 17_280, 17_419, 17_420,
]);

/** Whether a server's error code is about a record, not about the server. */
export function isAboutRecords(code: number): boolean {
  return ABOUT_RECORDS.has(code);
}

/** One operation of a bulk that the server rejected. */
export interface WriteRefusal {
  /** Position of the operation in the bulk. */
  readonly index: number;
  readonly code: number;
  readonly message: string;
  readonly isDuplicate: boolean;
}

/**
 * Returns the rejected operations of a bulk if each operation was either carried out or rejected.
 * Returns null for any other error: it is then unknown what was carried out.
 */
export function refusalsOf(error: unknown): WriteRefusal[] | null {
  const { name, writeErrors, result } = error as {
    name?: unknown;
    writeErrors?: unknown;
    result?: { getWriteConcernError?(): unknown };
  };
  if (name !== 'MongoBulkWriteError' || writeErrors === undefined) return null;
  if (result?.getWriteConcernError?.()) return null;
  const list = [writeErrors].flat() as { index: number; code: number; errmsg?: string }[];
  if (list.length === 0 || list.some(({ index }) => typeof index !== 'number')) return null;
  return list.map(({ index, code, errmsg }) => ({
    index,
    code,
    message: errmsg ?? `error ${code}`,
    isDuplicate: code === DUPLICATE_KEY && !OTHER_INDEX.test(errmsg ?? ''),
  }));
}

/** Whether a single write was rejected because its key exists already. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown }).code === DUPLICATE_KEY;
}

// Errors about a document, which the driver throws before it asks a server.
const ABOUT_DOCUMENTS = /^(BSON|MongoInvalidArgument|MongoMissingDependency)/;

// Missing rights, loss of the primary, server shutdown, full disk.
const OF_SERVER = new Set([
  13, 18, 64, 79, 91, 100, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436, 14_031,
]);

/**
 * Wraps an error that no record has caused in a `StorageUnavailableError`. Returns any other error
 * unchanged.
 */
export function withOutageMarked(storage: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isOutage(error)) return error;
  const { code } = error as { code?: unknown };
  const Outage =
    typeof code === 'number' && !OF_SERVER.has(code)
      ? PartlyUnavailableError
      : StorageUnavailableError;
  return new Outage(`Storage '${storage}': ${error.message}`, { cause: error });
}

// The driver's errors about records are listed. All others (time-outs, loss of the primary, missing
// rights, full disk, server shutdown) may pass by themselves.
function isOutage(error: Error): boolean {
  // With a lazy connection these occur at the first batch. Records then wait for the next start.
  if (error instanceof TimeZoneChangedError || error instanceof NewerFormatError) return true;
  const { name, code } = error as Error & { code?: unknown };
  if (name === 'MongoBulkWriteError') return refusalsOf(error) === null;
  if (!/^(Mongo|PoolCleared)/.test(name) || ABOUT_DOCUMENTS.test(name)) return false;
  return typeof code !== 'number' || !isAboutRecords(code);
}

/** Creates the error for an answer that is otherwise successful but reports an error. */
export function serverErrorOf({ code, errmsg }: { code?: number; errmsg?: string }): Error {
  const error = new Error(errmsg ?? `The server answered with the error ${code}.`);
  return Object.assign(error, { name: 'MongoServerError', code });
}

/** The collection rejected some of the records. The others are stored. */
export class RefusedRecordsError extends Error {
  override readonly name = 'RefusedRecordsError';

  constructor(collection: string, count: number, refused: readonly WriteRefusal[]) {
    const [first] = refused;
    const hint =
      first?.code === 121
        ? ` The collection has a validator that does not take the library's documents: change it, or name another collection.`
        : '';
    super(
      `The collection ${collection} refused ${refused.length} of ${count} records: ` +
        `${first?.message} (code ${first?.code}).${hint}`,
    );
  }
}
