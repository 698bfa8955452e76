import type { UsageRecord } from '../../record/index.js';
import { DeletionMarks } from './deletion-marks.js';
import { MonthSet } from './recompute/months.js';
import type { ParsedFilter } from './parse-usage-query.js';
import { rebuildCovered } from './rebuilt-coverage.js';
import type { BaseStorageParts } from './storage-parts.js';
import { hoursOf } from './uncounted-hours.js';

const RECORDS_AT_ONCE = 500;

/**
 * Deletes the records that match, and then computes the sums of their months anew. Before records
 * are deleted, their hours are marked as not counted: if the process ends meanwhile, no report takes
 * the old sums for complete, and a rebuild makes up for it.
 *
 * @returns The number of deleted records.
 */
export async function deleteUsage(
  storageName: string,
  parts: BaseStorageParts,
  filter: ParsedFilter,
  onDeleted: (count: number) => void = () => {},
): Promise<number> {
  const { pruner, reader, eraser, summarizer, maintenance } = parts;
  if (!pruner.deleteRecords)
    throw new Error(`Storage '${storageName}' cannot delete the records of a filter.`);
  // Elsewhere sums are made of the records, and need no work.
  const hasRows = eraser.dimensions !== undefined;
  const months = new MonthSet(summarizer.calendar);
  const marks = new DeletionMarks(parts);
  let count = 0;
  const remove = async (records: readonly UsageRecord[]) => {
    const hours = hoursOf(records);
    for (const hour of hours) months.add(hour);
    if (hasRows) await marks.add(hours);
    count += await pruner.deleteRecords!(records);
    onDeleted(count);
  };
  try {
    for await (const records of inBatches(reader.stream(filter))) await remove(records);
  } finally {
    // Also where it was ended early: what is deleted no longer counts.
    if (hasRows && summarizer.dimensions.length > 0) {
      for (const month of months) {
        const [start, end] = [new Date(month.start), new Date(month.end - 1)];
        await rebuildCovered(parts, start, end, () => maintenance.rebuild(start, end));
      }
      await marks.remove();
    }
  }
  return count;
}

async function* inBatches(
  records: AsyncIterable<UsageRecord>,
): AsyncGenerator<readonly UsageRecord[], void, undefined> {
  let batch: UsageRecord[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < RECORDS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
