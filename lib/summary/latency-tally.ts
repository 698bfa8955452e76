import { LATENCY_SLOTS, latencyValue, slotError } from './latency-scale.js';

/**
 * Computes percentiles of latencies, for one sum after the other. A sum may have hundreds of slots
 * and a page hundreds of sums. A reused array takes a fraction of the time that a map takes.
 */
export class LatencyTally {
  private readonly counts = new Float64Array(LATENCY_SLOTS);
  private first = LATENCY_SLOTS;
  private last = -1;
  private total = 0;

  /**
   * Adds to the count of a slot.
   *
   * @throws {RangeError} if the slot is not on the scale.
   */
  add(slot: number, count: number): void {
    const { [slot]: before } = this.counts;
    if (before === undefined) throw slotError(slot);
    this.counts[slot] = before + count;
    this.total += count;
    if (slot < this.first) this.first = slot;
    if (slot > this.last) this.last = slot;
  }

  /**
   * Percentiles of everything counted since `clear`, in seconds.
   *
   * Uses the nearest rank: the p-th percentile of `n` values is the `ceil(p · n / 100)`-th
   * smallest, as the value of its slot. Without values every percentile is 0.
   *
   * @param percents Whole numbers, rising, from 1 to 100.
   */
  percentiles(percents: readonly number[]): number[] {
    const { counts, last, total } = this;
    let at = Math.min(this.first, last);
    let reached = counts[at] ?? 0;
    return percents.map((percent) => {
      const rank = Math.ceil((percent * total) / 100);
      while (reached < rank && at < last) reached += counts[++at]!;
      return latencyValue(Math.max(at, 0));
    });
  }

  /** Resets the counts. Call it before each sum: a sum that could not be read may leave counts. */
  clear(): void {
    if (this.last >= 0) this.counts.fill(0, this.first, this.last + 1);
    this.first = LATENCY_SLOTS;
    this.last = -1;
    this.total = 0;
  }
}
