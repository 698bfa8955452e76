import type { RedisScript } from '../format/redis-script.js';

/** What a server answers to a script: whole numbers, text, null, and lists of these. */
export type RedisReply = number | string | null | readonly RedisReply[];

/** A connection to a server. Everything that the storage does is a script. */
export interface RedisConnection {
  /** How messages name the server. */
  readonly shown: string;
  /** @throws what the client throws, the server's errors and its own. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply>;
  /** Closes a connection of the storage's own. A client of the application stays open. */
  close(): Promise<void>;
}
