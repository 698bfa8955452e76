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
