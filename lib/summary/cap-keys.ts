import { addCounts, noCounts, type SummaryCounts } from './measures.js';
import { compareText, type SummaryIncrement, type SummaryRow } from './summary-increment.js';
import { OTHER_KEY } from './usage-sum.js';

/**
 * The keys that a bucket holds: a set of them, or whatever can answer for the keys of the
 * increments and for `(other)`. `size` counts all, `(other)` included.
 */
export interface HeldKeys {
  readonly size: number;
  /** Rows that were made for keys of requests without a handler; default: none. */
  readonly unhandled?: number;
  has(key: string): boolean;
}

/** The rows of a bucket that keys of requests without a handler may take. */
export function unhandledRows(maxKeys: number): number {
  return Math.max(Math.floor(maxKeys / 10), 1);
}

/**
 * Turns what is over the cap into an increment of `(other)`, so that a bucket never holds more
 * than `maxKeys` rows, `(other)` included, and its totals stay exact.
 *
 * Keys that the bucket holds keep their rows. New ones get the rows that are left, those with most
 * hits first, then by key. Those of requests without a handler come last, and get a tenth of all
 * rows at most: whoever asks for what is not there cannot fill a bucket.
 *
 * @param increments Of one bucket of one dimension, each key once.
 * @returns In the order of writers; the very array where nothing is over.
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
 * @param fold Makes the increment of `(other)`.
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

/** The order in which new keys take the rows that are left in a bucket. */
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

/** Splits increments in the order of writers into runs of one bucket of one dimension each. */
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
