/** Of what a sum of fractions such as 3 x 1/3 may fall short of the whole number that it means. */
const ROUNDING = 1e-9;

/**
 * Whole weights for the records of a sample. What a record stands for need not be whole: 2.5 at a
 * `sampleRate` of 0.4. Its fraction is carried over to the records that follow (2, 3, 2, 3, …), so
 * that the weights of any number of records add up to what they stand for, less at most one.
 * Records of each choice of storages have a remainder of their own, since a record has one weight
 * wherever it goes: a storage that several choices name is within one for each of them.
 */
export class SampleWeights {
  private readonly carried = new Map<string, number>();

  /** The weight that the next record gets, if it is kept: see `keep`. */
  next(exact: number, storages: readonly string[] | null): number {
    if (Number.isInteger(exact)) return exact;
    return Math.floor(this.owed(exact, storages) + ROUNDING);
  }

  /** The record is kept: carries over what its weight leaves out. */
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
