import type { BucketSpan } from '../../summary/index.js';
import { changeCoverage, mergeSpans, minusSpans } from './coverage-note.js';
import type { BaseStorageParts } from './storage-parts.js';
import { noteUncountedSpans, REMOVABLE_MS, spanOfHour } from './uncounted-hours.js';
import { unkeptWithin } from './unkept-sums.js';

/**
 * Marks the hours of records that are deleted, until their sums are computed anew. A rebuild takes
 * back the note of an hour only when it is two days old, since a process that stores without sums
 * may rely on it. So younger hours are marked in a way that no process relies on.
 */
export class DeletionMarks {
  private marked: readonly BucketSpan[] = [];

  constructor(
    private readonly parts: Pick<BaseStorageParts, 'values' | 'summarizer' | 'sums' | 'eraser'>,
  ) {}

  /** Marks hours, by their first instant. Call it before their records are deleted. */
  async add(hours: readonly number[]): Promise<void> {
    const { values, summarizer } = this.parts;
    const oldest = Date.now() - REMOVABLE_MS;
    const isYoung = (hour: number) => summarizer.countsRecords && spanOfHour(hour).end > oldest;
    const old = hours.filter((hour) => !isYoung(hour));
    if (old.length > 0) await noteUncountedSpans(values, old.map(spanOfHour));
    const young = mergeSpans(hours.filter(isYoung).map(spanOfHour), Infinity);
    if (minusSpans(young, this.marked).length === 0) return;
    let own: BucketSpan[] = [];
    await changeCoverage(values, (noted) => {
      const unknown = minusSpans(minusSpans(young, noted.uncounted), this.marked);
      // Who else deletes there takes its marks back without knowing of these.
      const others = minusSpans(noted.deleting, this.marked);
      own = minusSpans(unknown, others);
      const shared = minusSpans(unknown, own);
      if (unknown.length === 0) return null;
      return {
        ...noted,
        uncounted: [...noted.uncounted, ...shared],
        deleting: [...noted.deleting, ...own],
      };
    });
    this.marked = mergeSpans([...this.marked, ...own], Infinity);
  }

  /** Takes the marks back, once the sums are computed anew: but for what others' sums still count. */
  async remove(): Promise<void> {
    const { marked, parts } = this;
    if (marked.length === 0) return;
    const left = await unkeptWithin(parts, marked);
    await changeCoverage(parts.values, (noted) => ({
      ...noted,
      uncounted: [...noted.uncounted, ...left],
      deleting: minusSpans(noted.deleting, marked),
    }));
    this.marked = [];
  }
}
