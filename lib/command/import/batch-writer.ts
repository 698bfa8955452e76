import { setTimeout as delay } from 'node:timers/promises';
import { retryDelayMs } from '../../delivery/backoff.js';
import type { UsageRecord } from '../../record/index.js';
import type { ImportTarget } from './import-options.js';

const ATTEMPTS = 5;
const MAX_DELAY_MS = 5000;

/**
 * Stores batches one after the other, while the next one is made. A batch that fails is tried again,
 * which changes nothing if it was stored after all.
 */
export class BatchWriter {
  private batch: UsageRecord[] = [];
  private storing: Promise<void> = Promise.resolve();

  /** @param onStored Told how many records a batch had, once it is stored. */
  constructor(
    private readonly target: ImportTarget,
    private readonly size: number,
    private readonly onStored: (count: number) => void,
  ) {}

  /** Whether `flush` should be called before the next record is added. */
  get isFull(): boolean {
    return this.batch.length >= this.size;
  }

  get isEmpty(): boolean {
    return this.batch.length === 0;
  }

  add(record: UsageRecord): void {
    this.batch.push(record);
  }

  /** Waits until the batch before is stored, and begins with this one. */
  async flush(): Promise<void> {
    await this.storing;
    const { batch } = this;
    if (batch.length === 0) return;
    this.batch = [];
    this.storing = this.store(batch);
    // Whoever waits for it next is told.
    this.storing.catch(() => undefined);
  }

  /** Stores what is left. */
  async finish(): Promise<void> {
    await this.flush();
    await this.storing;
  }

  private async store(batch: readonly UsageRecord[]): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        await this.target.store(batch);
        this.onStored(batch.length);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await delay(retryDelayMs(attempt, MAX_DELAY_MS));
      }
  }
}
