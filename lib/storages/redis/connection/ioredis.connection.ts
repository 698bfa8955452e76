import type { RedisScript } from '../format/redis-script.js';
import type { RedisConnection, RedisReply } from './redis-connection.js';

/**
 * The used part of a client or cluster of `ioredis`.
 *
 * @publicApi
 */
export interface IoredisClient {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(source: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Runs scripts on a client of `ioredis`. Does not close it. */
export class IoredisConnection implements RedisConnection {
  constructor(
    private readonly client: IoredisClient,
    readonly shown: string,
  ) {}

  async run(
    { source, sha }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply> {
    // Pass each as one list: spread out, long lists would overflow the stack.
    const rest = [keys, args] as unknown as string[];
    try {
      try {
        return (await this.client.evalsha(sha, keys.length, ...rest)) as RedisReply;
      } catch (error) {
        if (!isMissingScript(error)) throw error;
        return (await this.client.eval(source, keys.length, ...rest)) as RedisReply;
      }
    } catch (error) {
      // The client attaches the sent command to its errors, and every log would show the whole
      // batch.
      if (error instanceof Error) delete (error as { command?: unknown }).command;
      throw error;
    }
  }

  async close(): Promise<void> {}
}

export function isIoredisClient(value: unknown): value is IoredisClient {
  const client = value as Partial<IoredisClient> | null;
  return typeof client?.evalsha === 'function' && typeof client.eval === 'function';
}

/** Whether the server has not cached a script, or no longer has it. */
export function isMissingScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
