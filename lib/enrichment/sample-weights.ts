/** Tolerance for rounding errors: a sum of fractions such as 3 × 1/3 may be less than 1. */
const ROUNDING = 1e-9;

/**
 * Gives sampled records whole weights. The exact weight need not be whole: 2.5 at a `sampleRate` of
 * 0.4. The fraction is carried over to the next records (2, 3, 2, 3, …), so that the weights of any
 * number of records add up to their exact weights, less at most one.
 *
 * A record has the same weight in all of its storages. Each set of storages therefore has its own
 * remainder. A storage in several sets is short by at most one for each set.
 */
export class SampleWeights {
  private readonly carried = new Map<string, number>();

  /** The weight of the next record. Call `keep` if the record is kept. */
  next(exact: number, storages: readonly string[] | null): number {
    if (Number.isInteger(exact)) return exact;
    return Math.floor(this.owed(exact, storages) + ROUNDING);
  }

  /** Carries over the fraction that the weight of a kept record leaves out. */
  keep(exact: number, storages: readonly string[] | null): void {
    if (Number.isInteger(exact)) return;
    const rest = this.owed(exact, storages) - this.next(exact, storages);
    this.carried.set(keyOf(storages), rest);
  }

  private owed(exact: number, storages: readonly string[] | null): number {
    return exact + (this.carried.get(keyOf(storages)) ?? 0);
  }
}

function keyOf(storages: readonly string[] | null): string {
  return storages === null ? '' : JSON.stringify(storages);
}
