import { LATENCY_SLOTS, latencyValue, slotError } from './latency-scale.js';

/**
 * Percentiles of latencies, for one sum after the other. A sum may have hundreds of slots and a
 * page hundreds of sums: an array that is used again takes them in a fraction of a map's time.
 */
export class LatencyTally {
  private readonly counts = new Float64Array(LATENCY_SLOTS);
  private first = LATENCY_SLOTS;
  private last = -1;
  private total = 0;

  /**
   * Counts more in a slot.
   *
   * @throws {RangeError} for a slot that is not on the scale.
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
   * Percentiles of what has been counted since `clear`, in seconds.
   *
   * The rank is the nearest one: the p-th percentile of `n` values is the `ceil(p · n / 100)`-th
   * smallest, as its slot gives it. Without values every percentile is 0.
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

  /** To be called before a sum is counted: one that could not be read may have left something. */
  clear(): void {
    if (this.last >= 0) this.counts.fill(0, this.first, this.last + 1);
    this.first = LATENCY_SLOTS;
    this.last = -1;
    this.total = 0;
  }
}
