import { TimeZoneChangedError } from '../../contract/time-zone-changed.error.js';
import {
  PartlyUnavailableError,
  StorageUnavailableError,
} from '../../contract/storage-unavailable.error.js';
import { isAboutRecords, refusalsOf } from './write-failure.js';

// What the driver throws of a document, before it asks any server.
const ABOUT_DOCUMENTS = /^(BSON|MongoInvalidArgument|MongoMissingDependency)/;

// Rights, the loss of a primary, a server that shuts down, a full disk.
const OF_SERVER = new Set([
  13, 18, 64, 79, 91, 100, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436, 14_031,
]);

/** The error as one that no record is to blame for, where it is one. */
export function withOutageMarked(storage: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isOutage(error)) return error;
  const { code } = error as { code?: unknown };
  const Outage =
    typeof code === 'number' && !OF_SERVER.has(code)
      ? PartlyUnavailableError
      : StorageUnavailableError;
  return new Outage(`Storage '${storage}': ${error.message}`, { cause: error });
}

// Of the driver's errors, those that are about records are listed: what is left (time-outs, the
// loss of a primary, rights, a full disk, a server that shuts down) may pass by itself.
function isOutage(error: Error): boolean {
  // With a lazy connection it is found at the first batch, which has to wait for another start.
  if (error instanceof TimeZoneChangedError) return true;
  const { name, code } = error as Error & { code?: unknown };
  if (name === 'MongoBulkWriteError') return refusalsOf(error) === null;
  if (!/^(Mongo|PoolCleared)/.test(name) || ABOUT_DOCUMENTS.test(name)) return false;
  return typeof code !== 'number' || !isAboutRecords(code);
}
