import {
  PartlyUnavailableError,
  StorageUnavailableError,
} from '../../contract/storage-unavailable.error.js';

/** What the server's own codes mean, and what to do; those here pass, and no record is to blame. */
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

/** What a server says of what it was sent; all else that it says may pass by itself. */
const ABOUT_RECORDS =
  /^WRONGTYPE|user_script|(running|compiling) script|exceeds|too (big|long|many results)|out of range|not an integer|not a valid|overflow|something else/i;

/** By SCRIPT KILL or FUNCTION KILL: in the words of a script's own fault, and none. */
const KILLED = /script killed by user/i;

const CODE = new RegExp(`(?:^|[^A-Z])(${Object.keys(STATES).join('|')})(?:[^A-Z]|$)`);

/**
 * An error as the application's log shows it: which server, what it said, what to do. Whatever
 * may pass becomes a `StorageUnavailableError`, so that records wait for it.
 */
export function describedFailure(error: unknown, shown: string): Error {
  const { name, message } = error as Error;
  // Of a mistake in what is asked nothing is said here.
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

// A refused connection to a name with several addresses has its reasons inside.
function reason(error: Error): string {
  const { message, errors, code } = error as AggregateError & { code?: string };
  return message || errors?.map((each: Error) => each.message).join('; ') || code || String(error);
}
