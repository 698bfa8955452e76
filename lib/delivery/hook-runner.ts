import type { UsageHookFunction, UsageStorage } from '../storages/contract/usage-storage.js';
import { FlushWaiters } from './flush-waiters.js';
import type { QueuedRecord } from './record-queue.js';
import type { QuietLogger } from '../support/usage-logger.js';
import { messageOf } from '../support/thrown-value.js';

/**
 * Calls a storage's hooks for stored records: once for each record, in order. Counts the errors of
 * hooks and logs the first one of each hook. Does not wait for their promises, but `idle` does.
 */
export class HookRunner {
  failures = 0;
  // Keeps a count instead of the promises, because promises that never settle must not pile up.
  private pending = 0;
  private readonly waiters = new FlushWaiters();
  private readonly logged = new Set<UsageHookFunction>();

  constructor(
    private readonly storage: UsageStorage,
    private readonly hooks: readonly UsageHookFunction[],
    private readonly logger: QuietLogger,
  ) {}

  run(stored: readonly QueuedRecord[]): void {
    if (this.hooks.length === 0) return;
    for (const { record } of stored)
      for (const hook of this.hooks) {
        try {
          const result: unknown = hook(record, this.storage);
          if (isObject(result)) this.watch(hook, result);
        } catch (error) {
          this.failed(hook, error);
        }
      }
  }

  /** Resolves when no promise of a hook is pending, or after `timeout` milliseconds. */
  async idle(timeout: number): Promise<void> {
    if (this.pending > 0) await this.waiters.wait(0, timeout);
  }

  private watch(hook: UsageHookFunction, result: object): void {
    // Errors in a user-defined `then` reject this promise.
    const promise = Promise.resolve(result);
    this.pending++;
    promise.then(
      () => this.settled(),
      (error: unknown) => {
        this.failed(hook, error);
        this.settled();
      },
    );
  }

  private settled(): void {
    if (--this.pending === 0) this.waiters.settle(() => true);
  }

  private failed(hook: UsageHookFunction, error: unknown): void {
    this.failures++;
    if (this.logged.has(hook)) return;
    this.logged.add(hook);
    this.logger.error(
      `A hook of storage '${this.storage.name}' failed (${hook.name || 'unnamed'}); further failures are only counted: ${messageOf(error)}`,
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
