import {
  isPersonal,
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketsBefore,
  type SummaryPeriod,
} from '../../summary/index.js';
import { notePruned } from './named-values.js';
import type { BaseStorageParts } from './storage-parts.js';

type FoldingParts = Pick<BaseStorageParts, 'summarizer' | 'eraser' | 'values'>;

/**
 * Folds the keys of persons in old buckets into `(other)`. Does nothing on a storage that cannot.
 *
 * @param instant Buckets that ended by this instant are folded.
 */
export async function foldOldKeys(parts: FoldingParts, instant: number): Promise<void> {
  const { summarizer, eraser, values } = parts;
  if (!eraser.foldKeys) return;
  // The watermark is raised first: what is stored or recomputed from now on counts so too.
  await notePruned(values, 'personal', instant);
  const before = await expectFolds(parts);
  // Those of summaries that are not kept any longer name persons too.
  const stored = (await eraser.dimensions?.()) ?? summarizer.dimensions;
  for (const dimension of stored.filter(isPersonal))
    for (const period of SUMMARY_PERIODS) await eraser.foldKeys(dimension, period, before![period]);
}

/**
 * Makes the summarizer count old keys of persons under `(other)`, as far as they have been folded.
 * Call it before sums are recomputed: another process may have folded more meanwhile.
 */
export async function expectFolds({
  summarizer,
  values,
}: Omit<FoldingParts, 'eraser'>): Promise<BucketsBefore | null> {
  const noted = (await values.read('pruned', ['personal'])).get('personal');
  if (noted === undefined) return null;
  const before = bucketsBefore(summarizer.calendar, Number(noted));
  summarizer.foldedBefore = before;
  return before;
}

function bucketsBefore(calendar: BucketCalendar, instant: number): BucketsBefore {
  const start = (period: SummaryPeriod) => calendar.start(period, instant);
  return { hour: start('hour'), day: start('day'), month: start('month') };
}
