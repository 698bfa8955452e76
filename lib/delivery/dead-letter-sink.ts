import type { DeliveryOptions } from '../storages/contract/delivery-options.js';
import type { QueuedRecord } from './record-queue.js';
import type { QuietLogger } from '../support/usage-logger.js';
import { messageOf } from '../support/thrown-value.js';

/** Sends dropped records to the user's function. Its failures are logged once. */
export class DeadLetterSink {
  private logged = false;

  constructor(
    private readonly storage: string,
    private readonly deadLetter: DeliveryOptions['deadLetter'],
    private readonly logger: QuietLogger,
  ) {}

  send({ record }: QueuedRecord, error: Error): void {
    try {
      const result: unknown = this.deadLetter?.(record, error);
      if (typeof result === 'object' && result !== null)
        Promise.resolve(result).catch((rejected: unknown) => this.failed(rejected));
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  private failed(thrown: unknown): void {
    if (this.logged) return;
    this.logged = true;
    this.logger.error(
      `deadLetter failed for storage '${this.storage}'. This is logged once: ${messageOf(thrown)}`,
    );
  }
}
