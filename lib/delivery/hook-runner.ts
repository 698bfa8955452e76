import type { LoggerService } from '@nestjs/common';
import type { UsageHookFunction } from '../storages/usage-hook.js';
import type { UsageStorage } from '../storages/usage-storage.js';
import type { QueuedRecord } from './queued-record.js';
import { asError } from './store-call.js';

/**
 * Calls a storage's hooks for what it has stored: once for each record, in order. What a hook
 * throws is counted, and logged when it is the first time for that hook; promises are not waited
 * for, but `idle` knows of them.
 */
export class HookRunner {
  failures = 0;
  private readonly logged = new Set<UsageHookFunction>();
  private readonly pending = new Set<Promise<void>>();

  constructor(
    private readonly storage: UsageStorage,
    private readonly hooks: readonly UsageHookFunction[],
    private readonly logger: LoggerService,
  ) {}

  run(stored: readonly QueuedRecord[]): void {
    if (this.hooks.length === 0) return;
    for (const { record } of stored)
      for (const hook of this.hooks) {
        try {
          const result: unknown = hook(record, this.storage);
          if (isThenable(result)) this.watch(hook, result);
        } catch (error) {
          this.failed(hook, error);
        }
      }
  }

  /** Resolves when no promise of a hook is pending. */
  async idle(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private watch(hook: UsageHookFunction, result: PromiseLike<unknown>): void {
    const watched: Promise<void> = Promise.resolve(result).then(
      () => void this.pending.delete(watched),
      (error: unknown) => {
        this.pending.delete(watched);
        this.failed(hook, error);
      },
    );
    this.pending.add(watched);
  }

  private failed(hook: UsageHookFunction, error: unknown): void {
    this.failures++;
    if (this.logged.has(hook)) return;
    this.logged.add(hook);
    this.logger.error(
      `A hook of storage '${this.storage.name}' failed (${hook.name || 'unnamed'}); further failures are only counted: ${asError(error).message}`,
    );
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
