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

/** What is to be added to one row of a summary, with its latency as the row holds it. */
export interface SumIncrement extends Omit<SummaryIncrement, 'latency'> {
  readonly latency: string;
}

/** Increments as rows hold them. Those that share their latency share its text. */
export function sumIncrements(increments: readonly SummaryIncrement[]): SumIncrement[] {
  const texts = new Map<LatencyCounts, string>();
  return increments.map((increment) => {
    let text = texts.get(increment.latency);
    if (text === undefined) texts.set(increment.latency, (text = encodeLatency(increment.latency)));
    return { ...increment, latency: text };
  });
}

/** `capKeys` for such increments. */
export function capSums(
  increments: readonly SumIncrement[],
  held: HeldKeys,
  maxKeys: number,
): readonly SumIncrement[] {
  return foldOver(increments, held, maxKeys, (rest) => ({
    ...rest.reduce(together),
    key: OTHER_KEY,
    unhandled: undefined,
  }));
}

function together(a: SumIncrement, b: SumIncrement): SumIncrement {
  const sum = { ...a, latency: mergeLatency(a.latency, b.latency) };
  addMeasures(sum, b);
  return sum;
}
