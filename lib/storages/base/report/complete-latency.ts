import { RECORD_COUNT, type LatencyCounts } from '../../../summary/index.js';
import type { BaseStorageParts } from '../storage-parts.js';
import type { AddedPlan } from './add-planned.js';
import type { Planned } from './planned-parts.js';
import { addSlot, isSameCount } from './report-counts.js';
import type { SumPiece } from './sum-plan.js';
import type { SumSource } from './sum-source.js';
import { together } from './together.js';

const NO_MEASURES: ReadonlySet<never> = new Set();

/** What the sums of one period have counted, and in which buckets. */
interface Wanted {
  readonly id: string;
  readonly pieces: readonly SumPiece[];
  readonly measured: number;
  readonly isLate: boolean;
}

/**
 * Checks that sums have counted as many requests as there are records: as many as there were when they
 * were read, if the storage tells, or as there are now. Each that was stored since then is one more.
 *
 * @param late The sums that have counted all keys without latency. Null: none.
 * @returns The latency of all requests that these have counted; null if sums lack some.
 */
export async function completeLatency(
  { sums: storage }: Pick<BaseStorageParts, 'sums'>,
  { parts }: Planned,
  added: AddedPlan['sums'],
  late: SumSource | null,
): Promise<LatencyCounts | null> {
  const wanted: Wanted[] = [];
  const told = new Map<string, number>();
  for (const { sums, plan } of parts)
    for (const [period, each] of (sums && added.get(sums)) ?? []) {
      const { hits, measured, hasFolded, total } = each;
      if (hasFolded || hits !== measured) return null;
      const pieces = plan.sums.filter((piece) => piece.period === period);
      const id = JSON.stringify(pieces);
      if (total !== null) {
        // Parts of a report that count the same buckets do so as of one moment.
        if (measured !== total || measured !== (told.get(id) ?? measured)) return null;
        told.set(id, measured);
        if (sums !== late) continue;
      }
      wanted.push({ id, pieces, measured, isLate: sums === late });
    }
  const asked = new Map(wanted.map((each) => [each.id, each]));
  for (const each of wanted) if (each.isLate) asked.set(each.id, each);
  const tasks = [...asked].map(([id, each]) => async () => {
    return [id, await recordTotal(storage, each)] as const;
  });
  const totals = new Map(await together(tasks, storage.isSequential));
  const latency = new Map<number, number>();
  for (const { id, measured, isLate } of wanted) {
    const total = totals.get(id)!;
    if (measured !== total.measured) return null;
    if (!isLate) continue;
    let inSlots = 0;
    for (const [slot, count] of total.latency) {
      addSlot({ latency }, slot, count);
      inSlots += count;
    }
    if (!isSameCount(inSlots, measured)) return null;
  }
  return latency;
}

/** How many records some buckets count, which are of one period. */
async function recordTotal(
  sums: BaseStorageParts['sums'],
  { pieces, isLate }: Wanted,
): Promise<{ measured: number; latency: LatencyCounts }> {
  const scan = sums.scan({
    dimension: RECORD_COUNT,
    period: pieces[0]!.period,
    ranges: pieces.map(({ start, end }) => ({ first: start, last: end - 1 })),
    withLatency: isLate,
    measures: NO_MEASURES,
    mergesBuckets: true,
  });
  const latency = new Map<number, number>();
  let measured = 0;
  for await (const rows of scan)
    for (const row of rows) {
      measured += row.counts.measured;
      row.eachSlot((slot, count) => addSlot({ latency }, slot, count));
    }
  return { measured, latency };
}
