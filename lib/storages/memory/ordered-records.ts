import type { UsageRecord } from '../../record/index.js';
import { mergeInSlices, sortInSlices } from '../base/report/sort-in-slices.js';
import { NEWEST_FIRST, recordComparer } from '../base/query/record-order.js';

const compare = recordComparer(NEWEST_FIRST);

/**
 * Keeps records in order, the newest first. What is added is put in its place when it is read, in
 * slices: a million records would hold the event loop.
 */
export class OrderedRecords {
  private ordered: readonly UsageRecord[] = [];
  private added: UsageRecord[] = [];
  /** Counts the changes of `ordered`. */
  private version = 0;
  private settling: Promise<void> | null = null;

  add(records: readonly UsageRecord[]): void {
    for (const record of records) this.added.push(record);
  }

  /** All records. The list does not change. */
  async read(): Promise<readonly UsageRecord[]> {
    // One that runs may have begun before the last records were added.
    if (this.settling) await this.settling;
    while (this.added.length > 0)
      await (this.settling ??= this.settle().finally(() => (this.settling = null)));
    return this.ordered;
  }

  /** All records at once, for what must not wait. */
  readNow(): readonly UsageRecord[] {
    if (this.added.length > 0) {
      const added = this.added.sort(compare);
      const all = [...added, ...this.ordered];
      this.replace(isBefore(added, this.ordered) ? all : all.sort(compare));
      this.added = [];
    }
    return this.ordered;
  }

  /** Keeps the records that pass a test, and returns the others. */
  remove(isGone: (record: UsageRecord, index: number) => boolean): UsageRecord[] {
    const gone: UsageRecord[] = [];
    const kept = this.readNow().filter((record, index) => {
      if (!isGone(record, index)) return true;
      gone.push(record);
      return false;
    });
    if (gone.length > 0) this.replace(kept);
    return gone;
  }

  private async settle(): Promise<void> {
    const { version, ordered } = this;
    const { length } = this.added;
    const added = await sortInSlices(this.added.slice(), compare, length);
    const all = isBefore(added, ordered)
      ? added.concat(ordered)
      : await mergeInSlices(added, ordered, compare);
    // Else somebody could not wait, and has put them in order meanwhile.
    if (version !== this.version) return;
    this.replace(all);
    this.added = this.added.slice(length);
  }

  private replace(ordered: readonly UsageRecord[]): void {
    this.ordered = ordered;
    this.version++;
  }
}

/** Whether one ordered list ends where the other begins. */
function isBefore(some: readonly UsageRecord[], others: readonly UsageRecord[]): boolean {
  const [last, first] = [some.at(-1), others[0]];
  return last === undefined || first === undefined || compare(last, first) <= 0;
}
