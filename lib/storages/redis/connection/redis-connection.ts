import type { Cancellation } from '../../base/query/cancellation.js';
import type { RedisScript } from '../format/redis-script.js';

/** A server's answer to a script: whole numbers, text, null, and lists of these. */
export type RedisReply = number | string | null | readonly RedisReply[];

/** A connection to a server. All work of the storage is done by scripts. */
export interface RedisConnection {
  /** Name of the server in messages. */
  readonly shown: string;
  /** @throws {Error} if the server or the client fails. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply>;
  /** Closes the storage's own connection. A client of the application stays open. */
  close(): Promise<void>;
}

/** The same connection, on which no script begins after a signal. Each of them is short. */
export function until(
  { signal }: Pick<Cancellation, 'signal'>,
  connection: RedisConnection,
): RedisConnection {
  if (!signal) return connection;
  return {
    shown: connection.shown,
    async run(script, keys, args) {
      signal.throwIfAborted();
      return connection.run(script, keys, args);
    },
    close: () => connection.close(),
  };
}
