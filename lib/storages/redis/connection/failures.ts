import {
  PartlyUnavailableError,
  StorageUnavailableError,
} from '../../contract/storage-unavailable.error.js';

/** What the server's error codes mean, and what to do. These pass; no record causes them. */
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

/** Errors that what was sent causes. Every other error may pass by itself. */
const ABOUT_RECORDS =
  /^WRONGTYPE|user_script|(running|compiling) script|exceeds|too (big|long|many results)|out of range|not an integer|not a valid|overflow|something else/i;

/** By SCRIPT KILL or FUNCTION KILL: worded like a script's error, but not caused by the script. */
const KILLED = /script killed by user/i;

const CODE = new RegExp(`(?:^|[^A-Z])(${Object.keys(STATES).join('|')})(?:[^A-Z]|$)`);

/**
 * An error as the application's log shows it: which server, what it answered, what to do. An error
 * that may pass becomes a `StorageUnavailableError`, so that delivery keeps the records.
 */
export function describedFailure(error: unknown, shown: string): Error {
  const { name, message } = error as Error;
  // A mistake of the caller's is no failure of the server's.
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
    `RedisStorage: Redis (${shown}) cannot be reached: ${reason(error as Error)}. ` +
      'Check that the address is right and that the server runs.',
    { cause: error },
  );
}

/** Whether the server refused to store because its memory is full. */
export function isOutOfMemory(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof Error && CODE.exec(cause.message.slice(0, 200))?.[1] === 'OOM';
}

// Where a name has several addresses, the reasons are in the nested errors.
function reason(error: Error): string {
  const { message, errors, code } = error as AggregateError & { code?: string };
  return message || errors?.map((each: Error) => each.message).join('; ') || code || String(error);
}
