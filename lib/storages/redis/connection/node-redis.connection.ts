import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisScript } from '../format/redis-script.js';
import { isMissingScript } from './ioredis.connection.js';
import type { RedisConnection, RedisReply } from './redis-connection.js';

const FULL_QUEUE_TIMEOUT_MS = 5000;
const FULL_QUEUE_RETRY_DELAY_MS = 5;

interface ScriptArguments {
  keys: string[];
  arguments: string[];
}

/**
 * The used part of a client or cluster of `redis`.
 *
 * @publicApi
 */
export interface NodeRedisClient {
  evalSha(sha: string, given: ScriptArguments): Promise<unknown>;
  eval(source: string, given: ScriptArguments): Promise<unknown>;
  /** False before `connect()`. Absent on clusters of `redis` 4. */
  readonly isOpen?: boolean;
  /** Returns the same client with other types of replies. From `redis` 5 on. */
  withTypeMapping?(mapping: object): unknown;
}

/** Runs scripts on a client of `redis`. Does not close it. */
export class NodeRedisConnection implements RedisConnection {
  readonly shown = "the application's client";

  private readonly client: NodeRedisClient;

  constructor(client: NodeRedisClient) {
    if (client.isOpen === false)
      throw new Error(
        'RedisStorage: client: expected a client of redis that is connected, but got one that is ' +
          'not. Call `await client.connect()` before it is given to the storage.',
      );
    // The application's client may return replies as buffers, or numbers as text.
    this.client = (client.withTypeMapping?.({}) as NodeRedisClient | undefined) ?? client;
  }

  async run(
    { source, sha }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply> {
    const given = { keys: [...keys], arguments: [...args] };
    const deadline = Date.now() + FULL_QUEUE_TIMEOUT_MS;
    for (let isKnown = true; ;) {
      try {
        const reply = isKnown ? this.client.evalSha(sha, given) : this.client.eval(source, given);
        return (await reply) as RedisReply;
      } catch (error) {
        if (isKnown && isMissingScript(error)) isKnown = false;
        else if (!isQueueFull(error) || Date.now() > deadline) throw error;
        else await sleep(FULL_QUEUE_RETRY_DELAY_MS);
      }
    }
  }

  async close(): Promise<void> {}
}

// With `commandsQueueMaxLength` the client rejects commands while its queue is full of others'
// commands.
function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'The queue is full';
}

export function isNodeRedisClient(value: unknown): value is NodeRedisClient {
  const client = value as Partial<NodeRedisClient> | null;
  return typeof client?.evalSha === 'function' && typeof client.eval === 'function';
}
