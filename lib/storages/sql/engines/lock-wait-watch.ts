import { setTimeout as delay } from 'node:timers/promises';
import type { PooledConnection } from './pooled-connection.js';
import type { LockWaits } from './server-locks.js';

/** Ends a wait that two checks in a row have seen, so that no wait lasts longer than two pauses. */
const CHECK_PAUSE_MS = 200;

/**
 * Runs work that takes locks of tables, and ends each of its waits for one through a second
 * connection. Statements of others queue behind such a wait. Without a second connection, as in a
 * pool of one, waits last as long as the server lets them.
 */
export async function withShortLockWaits<T>(
  waits: LockWaits,
  connection: PooledConnection,
  openSecond: () => Promise<PooledConnection>,
  work: () => Promise<T>,
): Promise<T> {
  const id = await connection.drive(waits.connectionId());
  const watch = new LockWaitWatch(waits, id);
  void openSecond().then(
    (second) => watch.begin(second),
    () => {},
  );
  try {
    return await work();
  } finally {
    await watch.stop();
  }
}

class LockWaitWatch {
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly waits: LockWaits,
    private readonly id: number,
  ) {}

  begin(second: PooledConnection): void {
    this.watching = this.watch(second)
      .catch(() => {})
      .then(() => second.release())
      .catch(() => {});
  }

  /** Resolves once no wait will be ended any more. */
  stop(): Promise<void> {
    this.stopping.abort();
    return this.watching;
  }

  private async watch(second: PooledConnection): Promise<void> {
    const { signal } = this.stopping;
    let isSeen = false;
    while (!signal.aborted) {
      await delay(CHECK_PAUSE_MS, undefined, { signal });
      const isWaiting = await second.drive(this.waits.isWaiting(this.id));
      if (isWaiting && isSeen && !signal.aborted) await second.drive(this.waits.end(this.id));
      isSeen = isWaiting && !isSeen;
    }
  }
}
