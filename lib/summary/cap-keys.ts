import { addCounts, noCounts, type SummaryCounts } from './measures.js';
import { compareText, type SummaryIncrement, type SummaryRow } from './summary-increment.js';
import { OTHER_KEY } from './usage-sum.js';

/**
 * The keys that a bucket holds: a Set, or an object that can look up the keys of the increments
 * and `(other)`. `size` counts all keys of the bucket, `(other)` included.
 */
export interface HeldKeys {
  readonly size: number;
  /** Rows created for keys of requests without a handler; default: none. */
  readonly unhandled?: number;
  has(key: string): boolean;
}

/** Rows of a bucket for keys of requests without a handler: a tenth of `maxKeys`, at least one. */
export function unhandledRows(maxKeys: number): number {
  return Math.max(Math.floor(maxKeys / 10), 1);
}

/**
 * Folds the keys that exceed the cap into one increment of `(other)`. A bucket never holds more
 * than `maxKeys` rows, `(other)` included, and its totals stay exact.
 *
 * Keys that the bucket holds keep their rows. New keys take the rows that are left: most hits
 * first, then by key. Keys of requests without a handler come last and take at most a tenth of all
 * rows, so that requests for missing paths cannot fill a bucket.
 *
 * @param increments Of one bucket of one dimension, each key once.
 * @returns The increments in lock order; the input array itself if nothing exceeds the cap.
 */
export function capKeys(
  increments: readonly SummaryIncrement[],
  held: HeldKeys,
  maxKeys: number,
): readonly SummaryIncrement[] {
  return foldOver(increments, held, maxKeys, (rest) => {
    const { dimension, period, bucket } = rest[0]!;
    return { dimension, period, bucket, key: OTHER_KEY, ...sumOf(rest) };
  });
}

/**
 * `capKeys` for increments of any shape.
 *
 * @param fold Merges the rejected increments into the increment of `(other)`.
 */
export function foldOver<I extends Pick<SummaryIncrement, 'key' | 'hits' | 'unhandled'>>(
  increments: readonly I[],
  held: HeldKeys,
  maxKeys: number,
  fold: (rest: readonly I[]) => I,
): readonly I[] {
  const fresh = increments.filter(({ key }) => key !== OTHER_KEY && !held.has(key));
  const room = Math.max(maxKeys - 1 - (held.size - (held.has(OTHER_KEY) ? 1 : 0)), 0);
  const left = Math.max(unhandledRows(maxKeys) - (held.unhandled ?? 0), 0);
  const unhandled = fresh.filter((increment) => increment.unhandled);
  if (fresh.length <= room && unhandled.length <= left) return increments;

  const handled = fresh.filter((increment) => !increment.unhandled);
  unhandled.sort(compareClaims);
  const claims = [...handled.sort(compareClaims), ...unhandled.slice(0, left)];
  const rejected = [...claims.slice(room), ...unhandled.slice(left)];
  const over = new Set(rejected.map(({ key }) => key)).add(OTHER_KEY);
  const kept = increments.filter(({ key }) => !over.has(key));
  const rest = increments.filter(({ key }) => over.has(key));
  return [...kept, fold(rest)].sort((a, b) => compareText(a.key, b.key));
}

/** Order in which new keys take the rows left in a bucket: handled first, most hits, then key. */
export function compareClaims(
  a: Pick<SummaryIncrement, 'key' | 'hits' | 'unhandled'>,
  b: Pick<SummaryIncrement, 'key' | 'hits' | 'unhandled'>,
): number {
  return (
    Number(a.unhandled ?? false) - Number(b.unhandled ?? false) ||
    b.hits - a.hits ||
    compareText(a.key, b.key)
  );
}

/** Splits increments in lock order into runs. Each run is of one bucket of one dimension. */
export function* byBucket<I extends SummaryRow>(increments: readonly I[]): Generator<I[]> {
  let run: I[] = [];
  for (const increment of increments) {
    const first = run[0];
    if (
      first &&
      (first.bucket !== increment.bucket ||
        first.period !== increment.period ||
        first.dimension !== increment.dimension)
    ) {
      yield run;
      run = [];
    }
    run.push(increment);
  }
  if (run.length) yield run;
}

function sumOf(increments: readonly SummaryCounts[]): SummaryCounts {
  const sum = noCounts();
  for (const increment of increments) addCounts(sum, increment);
  return sum;
}
