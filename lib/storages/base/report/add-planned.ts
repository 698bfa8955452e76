import { LAST_INSTANT, type SummaryPeriod } from '../../../summary/index.js';
import type { BaseStorageParts } from '../storage-parts.js';
import { addStored, type ReportFilter } from './add-stored.js';
import type { LateSums } from './late-latency.js';
import type { Planned } from './planned-parts.js';
import type { ReportGroups, ReportPart } from './report-groups.js';
import type { AskedSpan, Counted } from './report-source.js';
import type { AddedSums, SumSource } from './sum-source.js';
import { together } from './together.js';

/** What was counted by a plan, and what its sums added. */
export interface AddedPlan {
  readonly counted: Counted;
  readonly sums: ReadonlyMap<SumSource, ReadonlyMap<SummaryPeriod, AddedSums>>;
}

/**
 * Adds what a plan names to groups.
 *
 * @param end Of the report: records from then on do not count.
 * @param late The sums whose latency is to be added later. Null: none.
 */
export async function addPlanned(
  { reader, sums }: Pick<BaseStorageParts, 'reader' | 'sums'>,
  given: ReportFilter,
  { span, parts }: Planned,
  end: number,
  groups: ReportGroups,
  late: LateSums | null = null,
): Promise<AddedPlan> {
  const counted = { isFromSums: false, isFromRecords: false, incomplete: new Set<string>() };
  const added = new Map<SumSource, ReadonlyMap<SummaryPeriod, AddedSums>>();
  const tasks: (() => Promise<void>)[] = [];
  const fromRecords = new Map<string, { span: AskedSpan; parts: ReportPart[] }>();
  for (const { part, sums: source, plan } of parts) {
    if (source && plan.sums.length > 0) {
      counted.isFromSums = true;
      tasks.push(async () => {
        const found = await source.add(
          plan.sums,
          groups,
          source === late?.source ? late.hitsByKey : null,
        );
        added.set(source, found);
        if ([...found.values()].some(({ hasFolded }) => hasFolded))
          counted.incomplete.add(source.counted);
      });
    }
    for (const each of plan.records) {
      if (each.start >= end) continue;
      const id = `${each.start} ${each.end}`;
      const known = fromRecords.get(id)?.parts ?? [];
      const start = each.start === -LAST_INSTANT ? null : each.start;
      const until = Math.min(each.end, end);
      fromRecords.set(id, { span: { start, end: until }, parts: [...known, part] });
    }
  }
  for (const each of fromRecords.values()) {
    counted.isFromRecords = true;
    tasks.push(() => addStored(reader, given, groups.shape, each.span, groups, each.parts));
  }
  await together(tasks, sums.isSequential);
  const until = Math.min(span.end, end);
  return {
    counted: { ...counted, span: { start: span.start, end: until }, late: null },
    sums: added,
  };
}
