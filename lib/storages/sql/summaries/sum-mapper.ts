import {
  addMeasures,
  encodeLatency,
  foldOver,
  mergeLatency,
  OTHER_KEY,
  type HeldKeys,
  type LatencyCounts,
  type SummaryIncrement,
} from '../../../summary/index.js';

/** An increment of one row of sums, with its latency as the stored text. */
export interface SumIncrement extends Omit<SummaryIncrement, 'latency'> {
  readonly latency: string;
}

/** Converts increments to their stored form. Increments that share a latency share its text. */
export function sumIncrements(increments: readonly SummaryIncrement[]): SumIncrement[] {
  const texts = new Map<LatencyCounts, string>();
  return increments.map((increment) => {
    let text = texts.get(increment.latency);
    if (text === undefined) texts.set(increment.latency, (text = encodeLatency(increment.latency)));
    return { ...increment, latency: text };
  });
}

/** Does what `capKeys` does, for increments in stored form. */
export function capSums(
  increments: readonly SumIncrement[],
  held: HeldKeys,
  maxKeys: number,
): readonly SumIncrement[] {
  return foldOver(increments, held, maxKeys, (rest) => ({
    ...rest.reduce(addIncrements),
    key: OTHER_KEY,
    unhandled: undefined,
  }));
}

function addIncrements(a: SumIncrement, b: SumIncrement): SumIncrement {
  const sum = { ...a, latency: mergeLatency(a.latency, b.latency) };
  addMeasures(sum, b);
  return sum;
}
