import type { RedisScript } from '../format/redis-script.js';

/** What a server answers to a script: whole numbers, text, null, and lists of these. */
export type RedisReply = number | string | null | readonly RedisReply[];

/** The way to a server. All that the storage does goes through scripts. */
export interface RedisConnection {
  /** How messages name the server. */
  readonly shown: string;
  /** @throws what the client throws, the server's errors and its own. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply>;
  /** Lets go of the server; a client of the application stays as it is. */
  close(): Promise<void>;
}
