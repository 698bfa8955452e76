import { connectionReason } from '../../../support/thrown-value.js';
import { PartlyUnavailableError, StorageUnavailableError } from '../../contract/storage-errors.js';

/**
 * The server's error codes: what each means, and what to do. These errors pass. No record causes
 * them.
 */
const STATES: Record<string, string> = {
  LOADING: 'it is still loading its data; wait until it has',
  READONLY: 'it is a read-only replica; connect to the master',
  OOM: 'it is out of memory; raise its maxmemory, or keep fewer records (retention, maxRecords)',
  MISCONF: 'it cannot save to its disk and takes no writes; see its log and its disk',
  MASTERDOWN: 'it is a replica without a master; connect to the master',
  NOREPLICAS: 'it has too few replicas to take writes (min-replicas-to-write)',
  BUSY: 'it is busy with a script that runs for too long',
  CLUSTERDOWN: 'its cluster is down; see `CLUSTER INFO`',
  TRYAGAIN: 'its cluster is moving slots',
  MOVED: 'it is part of a cluster; give the storage a cluster client: { client: new Cluster([…]) }',
  ASK: 'it is part of a cluster; give the storage a cluster client: { client: new Cluster([…]) }',
  NOAUTH: 'it wants a password; give one: { password }',
  WRONGPASS: 'it does not know this username and password',
  NOPERM: 'its ACL does not let this user do what the storage needs: scripts, and its keys',
};

/** Errors that are caused by the sent records. Every other error may pass by itself. */
const ABOUT_RECORDS =
  /^WRONGTYPE|user_script|(running|compiling) script|exceeds|too (big|long|many results)|out of range|not an integer|not a valid|overflow|something else/i;

/**
 * Errors of SCRIPT KILL or FUNCTION KILL. They are worded like a script's error, but the script did
 * not cause them.
 */
const KILLED = /script killed by user/i;

const CODE = new RegExp(`(?:^|[^A-Z])(${Object.keys(STATES).join('|')})(?:[^A-Z]|$)`);

/**
 * Turns an error into one for the application's log: which server, what it answered, what to do. An
 * error that may pass becomes a `StorageUnavailableError`, so that delivery keeps the records.
 */
export function toStorageError(error: unknown, shown: string): Error {
  const { name, message } = error as Error;
  // A mistake of the caller is not a failure of the server.
  if (error instanceof TypeError || error instanceof RangeError) return error;
  const code = CODE.exec(message.slice(0, 200))?.[1];
  if (code)
    return new StorageUnavailableError(
      `RedisStorage: Redis (${shown}) refuses: ${STATES[code]}. It said: ${message}`,
      { cause: error },
    );
  if (name === 'ReplyError' || name === 'SimpleError' || name === 'ErrorReply') {
    const isAboutRecords = ABOUT_RECORDS.test(message) && !KILLED.test(message);
    const Failure = isAboutRecords ? Error : PartlyUnavailableError;
    return new Failure(`RedisStorage: Redis (${shown}) answered with an error: ${message}`, {
      cause: error,
    });
  }
  if (/protocol error/i.test(message) || name === 'ParserError')
    return new StorageUnavailableError(
      `RedisStorage: what answers at ${shown} is not Redis, or a proxy before it: ${message} ` +
        'Check host and port, and whether the server wants TLS.',
      { cause: error },
    );
  return new StorageUnavailableError(
    `RedisStorage: Redis (${shown}) cannot be reached: ${connectionReason(error)}. ` +
      'Check that the address is right and that the server runs.',
    { cause: error },
  );
}

/** Whether the server rejected a write because its memory is full. */
export function isOutOfMemory(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof Error && CODE.exec(cause.message.slice(0, 200))?.[1] === 'OOM';
}
