import type { RedisScript } from '../scripts/redis-script.js';
import { isMissingScript } from './ioredis.connection.js';
import type { RedisConnection, RedisReply } from './redis-connection.js';

interface ScriptArguments {
  keys: string[];
  arguments: string[];
}

/**
 * What is used of a client or cluster of `redis`.
 *
 * @publicApi
 */
export interface NodeRedisClient {
  evalSha(sha: string, given: ScriptArguments): Promise<unknown>;
  eval(source: string, given: ScriptArguments): Promise<unknown>;
  /** False before `connect()`; not there on clusters of `redis` 4. */
  readonly isOpen?: boolean;
}

/** Runs scripts on a client of `redis`, and leaves it as it is. */
export class NodeRedisConnection implements RedisConnection {
  readonly shown = "the application's client";

  constructor(private readonly client: NodeRedisClient) {
    if (client.isOpen === false)
      throw new Error(
        'RedisStorage: client: expected a client of redis that is connected, but got one that is ' +
          'not. Call `await client.connect()` before it is given to the storage.',
      );
  }

  async run(
    { source, sha }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply> {
    const given = { keys: [...keys], arguments: [...args] };
    try {
      return (await this.client.evalSha(sha, given)) as RedisReply;
    } catch (error) {
      if (!isMissingScript(error)) throw error;
      return (await this.client.eval(source, given)) as RedisReply;
    }
  }

  async close(): Promise<void> {}
}

export function isNodeRedisClient(value: unknown): value is NodeRedisClient {
  const client = value as Partial<NodeRedisClient> | null;
  return typeof client?.evalSha === 'function' && typeof client.eval === 'function';
}
