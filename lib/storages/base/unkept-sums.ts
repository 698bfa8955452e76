import type { BucketSpan } from '../../summary/index.js';
import { mergeSpans, minusSpans } from './coverage-note.js';
import type { BaseStorageParts } from './storage-parts.js';

/** The parts of a storage that tell which sums are not this process's own. */
export type UnkeptParts = Pick<BaseStorageParts, 'summarizer'> & {
  readonly sums: Pick<BaseStorageParts['sums'], 'totals'>;
  readonly eraser: Pick<BaseStorageParts['eraser'], 'dimensions' | 'correctsAll'>;
};

/** The coarsest first: where a month has rows, its days and hours need not be read. */
const PERIODS = ['month', 'day', 'hour'] as const;

/** The dimensions of stored sums that this process does not keep, and so neither corrects. */
export async function unkeptDimensions({
  summarizer: { dimensions },
  eraser,
}: Pick<UnkeptParts, 'summarizer' | 'eraser'>): Promise<string[]> {
  const stored = eraser.correctsAll ? [] : ((await eraser.dimensions?.()) ?? []);
  return stored.filter((dimension) => !dimensions.includes(dimension));
}

/**
 * The parts of spans for which the storage holds sums that this process does not keep. What it
 * erases or rebuilds there stays in those sums as it was.
 */
export async function unkeptWithin(
  parts: UnkeptParts,
  spans: readonly BucketSpan[],
): Promise<BucketSpan[]> {
  const asked = mergeSpans(spans, Infinity);
  if (asked.length === 0) return [];
  const { calendar } = parts.summarizer;
  const found: BucketSpan[] = [];
  for (const dimension of await unkeptDimensions(parts))
    for (const period of PERIODS) {
      const rest = minusSpans(asked, mergeSpans(found, Infinity));
      if (rest.length === 0) return asked;
      const first = calendar.start(period, rest[0]!.start);
      const last = calendar.start(period, rest.at(-1)!.end - 1);
      const totals = await parts.sums.totals({ dimension, period, range: { first, last } });
      for (const { bucket } of totals) found.push(calendar.bucket(period, bucket));
    }
  return minusSpans(asked, minusSpans(asked, mergeSpans(found, Infinity)));
}
