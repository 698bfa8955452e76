import type { QueuedRecord } from './record-queue.js';
import type { StoreFailure } from './store-attempts.js';

/** How often calls with a record must fail, each followed by a success without it. */
const REQUIRED_EVIDENCE = 3;

/** Collects evidence against the records of a batch, from the calls that failed and succeeded. */
export class FailureEvidence {
  private readonly counts = new WeakMap<QueuedRecord, number>();
  private failed = new Set<QueuedRecord>();

  /** Records the result of a call of the storage. */
  note(part: readonly QueuedRecord[], failure: StoreFailure | null): void {
    if (failure === null) this.addEvidence(part);
    else if (!failure.isOutage) for (const item of part) this.failed.add(item);
  }

  isProven(item: QueuedRecord): boolean {
    return (this.counts.get(item) ?? 0) >= REQUIRED_EVIDENCE;
  }

  // Several failures since the last success count once, because the storage may have been down.
  private addEvidence(stored: readonly QueuedRecord[]): void {
    if (this.failed.size === 0) return;
    for (const item of stored) this.failed.delete(item);
    for (const item of this.failed) this.counts.set(item, (this.counts.get(item) ?? 0) + 1);
    this.failed = new Set();
  }
}
