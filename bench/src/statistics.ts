/** The middle of some numbers and how far they spread. */
export interface Spread {
  readonly median: number;
  /** First and third quartile. */
  readonly q1: number;
  readonly q3: number;
  readonly n: number;
}

/** The p-th percentile, interpolated. NaN of nothing. */
export function percentile(values: readonly number[] | Float64Array, p: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = ((sorted.length - 1) * p) / 100;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: percentile(values, 50),
    q1: percentile(values, 25),
    q3: percentile(values, 75),
    n: values.length,
  };
}

/**
 * Compares what was measured in the same rounds: the spread of `compare(a, b)` over the pairs.
 * Load that lies on the whole machine for a while falls on both sides of a pair.
 */
export function paired(
  a: readonly number[],
  b: readonly number[],
  compare: (a: number, b: number) => number,
): Spread {
  return spreadOf(a.flatMap((value, index) => compare(value, b[index] ?? NaN)));
}
