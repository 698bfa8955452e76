import type { UsageRecord } from '../../../record/index.js';
import type { BucketCalendar, LatencyCounts } from '../../../summary/index.js';
import { Slice } from '../../../support/slice.js';
import type { ReportGroup, ReportGroups, ReportPart } from './report-groups.js';

/** A span of time to count. `start` is null if it is the first request; `end` is exclusive. */
export interface AskedSpan {
  readonly start: number | null;
  readonly end: number;
}

/** Latency that sums have counted and that no group has yet. */
export interface LateLatency {
  /**
   * Adds the latency of some groups to them, and maybe that of others.
   *
   * @returns What no group has got; null if the sums do not count any more what they did.
   */
  addTo(shown: ReadonlySet<ReportGroup>): Promise<LatencyCounts | null>;
}

/** What was counted, and from where. */
export interface Counted {
  /** The span that was asked for, without what is neither in the records nor in sums. */
  readonly span: AskedSpan;
  readonly isFromSums: boolean;
  readonly isFromRecords: boolean;
  /** The dimensions that may have more distinct values than were counted. */
  readonly incomplete: ReadonlySet<string>;
  /** The latency that groups lack, if it may be late. Null: none. */
  readonly late: LateLatency | null;
}

/** Where the requests of a report come from. It knows the report's filter. */
export interface ReportSource {
  readonly calendar: BucketCalendar;
  /**
   * Whether two spans are counted sooner at once than one after the other.
   * @default false
   */
  readonly isConcurrent?: boolean;
  /** The date of the newest record, of all that are stored; null if there are none. */
  newest(): Promise<number | null>;
  /** Adds the requests of a span to groups. */
  count(span: AskedSpan, groups: ReportGroups): Promise<Counted>;
}

/** Yields the records of a span that match the report's filter. Both bounds are inclusive. */
export type StreamRecords = (start: Date | null, end: Date) => AsyncIterable<UsageRecord>;

/** Counts records one by one. */
export class RecordSource implements ReportSource {
  constructor(
    readonly calendar: BucketCalendar,
    private readonly stream: StreamRecords,
    readonly newest: () => Promise<number | null>,
  ) {}

  async count(span: AskedSpan, groups: ReportGroups): Promise<Counted> {
    await addRecords(groups, this.stream, span);
    return { span, isFromSums: false, isFromRecords: true, incomplete: new Set(), late: null };
  }
}

/** Adds the records of a span to groups, in slices of the event loop. */
export async function addRecords(
  groups: ReportGroups,
  stream: StreamRecords,
  { start, end }: AskedSpan,
  parts: readonly ReportPart[] = groups.parts,
): Promise<void> {
  const slice = new Slice();
  for await (const record of stream(start === null ? null : new Date(start), new Date(end - 1))) {
    groups.add(record, parts);
    await slice.step();
  }
}
