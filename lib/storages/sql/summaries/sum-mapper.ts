import {
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
  return increments.map(
    ({ dimension, period, bucket, key, hits, transfer, errors, duration, latency, unhandled }) => {
      let text = texts.get(latency);
      if (text === undefined) texts.set(latency, (text = encodeLatency(latency)));
      const sum = { dimension, period, bucket, key, hits, transfer, errors, duration };
      return unhandled ? { ...sum, latency: text, unhandled } : { ...sum, latency: text };
    },
  );
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
  return {
    ...a,
    hits: a.hits + b.hits,
    transfer: a.transfer + b.transfer,
    errors: a.errors + b.errors,
    duration: a.duration + b.duration,
    latency: mergeLatency(a.latency, b.latency),
  };
}
