import { Slice } from '../../../support/slice.js';
import type { MeasureName, ReportDimension } from '../../../summary/index.js';
import type { ParsedFilter } from '../parse-usage-query.js';
import type { BaseStorageParts } from '../storage-parts.js';
import { reportedValues } from './dimension-value.js';
import { bucketRuns, type AggregateQuery, type RecordAggregate } from './record-aggregate.js';
import { addSlot } from './report-counts.js';
import { MEASURED, type GroupShape, type ReportGroups, type ReportPart } from './report-groups.js';
import { addRecords, type AskedSpan } from './report-source.js';

/** What selects records, whatever the span. */
export type ReportFilter = Pick<ParsedFilter, 'where' | 'signal'>;

/**
 * Adds the records of a span to groups. The database adds them up if it can; else they are read one
 * by one.
 */
export async function addStored(
  reader: BaseStorageParts['reader'],
  given: ReportFilter,
  shape: GroupShape,
  span: AskedSpan,
  groups: ReportGroups,
  parts: readonly ReportPart[] = groups.parts,
): Promise<void> {
  if (await aggregated(reader, given, shape, span, groups, parts)) return;
  await addRecords(groups, (start, end) => reader.stream({ ...given, start, end }), span, parts);
}

/** @returns Whether the database could add the records up. */
async function aggregated(
  reader: BaseStorageParts['reader'],
  given: ReportFilter,
  shape: GroupShape,
  { start, end }: AskedSpan,
  groups: ReportGroups,
  parts: readonly ReportPart[],
): Promise<boolean> {
  if (!reader.aggregate) return false;
  const { dimensions, interval, metrics, calendar, isOpen } = shape;
  const filter: ParsedFilter = {
    ...given,
    start: start === null ? null : new Date(start),
    end: new Date(end - 1),
  };
  const plain = { filter, buckets: [], withLatency: false };
  // Every part of the question has to be answered in the same way.
  const isPossible = parts.every((part) => {
    const asked = part === MEASURED ? dimensions : grouped(dimensions, metrics.distinct[part]!);
    return reader.aggregate!({ ...plain, dimensions: asked, measures: new Set() });
  });
  if (!isPossible) return false;
  let first = start;
  if (interval !== null && first === null) {
    first = end - 1;
    const measures = new Set(['firstSeen'] as const);
    for await (const rows of reader.aggregate({ ...plain, dimensions: [], measures })!)
      for (const { instant } of rows) first = Math.min(first, instant);
  }
  const buckets = interval === null ? [] : bucketRuns(calendar, { start: first!, end }, interval);
  const slice = new Slice();
  const each = async (
    query: Omit<AggregateQuery, 'filter' | 'buckets'>,
    add: (row: RecordAggregate) => void,
  ) => {
    for await (const rows of reader.aggregate!({ filter, buckets, ...query })!)
      for (const row of rows) {
        add(row);
        if (slice.isOver) await slice.next();
      }
  };

  let hasFractions = false;
  const { needsLatency } = metrics;
  const measures = isOpen
    ? new Set<MeasureName>([...metrics.measures, 'firstSeen'])
    : metrics.measures;
  if (parts.includes(MEASURED)) {
    const read = dimensions.map(reportedValues);
    await each({ dimensions, measures, withLatency: needsLatency }, (row) => {
      const values = read.map((reported, at) => reported(row.values[at]));
      const cell = groups.addCounts(values, row.instant, row.counts);
      if (row.slot !== null && row.counts.hits > 0) addSlot(cell, row.slot, row.counts.hits);
      hasFractions ||= row.hasFractions;
    });
  }
  for (const part of parts) {
    if (part === MEASURED) continue;
    const counted = metrics.distinct[part]!;
    const both = grouped(dimensions, counted);
    const place = both.indexOf(counted);
    const read = both.map(reportedValues);
    await each({ dimensions: both, measures: new Set(), withLatency: false }, (row) => {
      const values = read.map((reported, at) => reported(row.values[at]));
      groups.addDistinct(values.slice(0, dimensions.length), row.instant, part, values[place]!);
    });
  }
  if (hasFractions)
    await addRecords(
      groups,
      async function* (start, end) {
        for await (const record of reader.stream({ ...given, start, end }))
          if (record.weight > 1 && !Number.isInteger(record.weight)) yield record;
      },
      { start, end },
      [MEASURED],
    );
  return true;
}

/** Some dimensions, and one more if it is not among them. */
export function grouped(
  dimensions: readonly ReportDimension[],
  counted: ReportDimension,
): readonly ReportDimension[] {
  return dimensions.includes(counted) ? dimensions : [...dimensions, counted];
}
