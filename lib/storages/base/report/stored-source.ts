import type { BucketCalendar } from '../../../summary/index.js';
import type { ReportInterval } from '../../contract/usage-report.js';
import { readPruned } from '../named-values.js';
import type { BaseStorageParts } from '../storage-parts.js';
import { UnmeasuredBuckets } from '../unmeasured-buckets.js';
import { addPlanned } from './add-planned.js';
import { endsLast, OptimisticCount } from './optimistic-count.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import { partSources } from './part-sources.js';
import { planned } from './planned-parts.js';
import type { AskedSpan, Counted, ReportSource } from './report-source.js';
import { periodsOf } from './sum-plan.js';

/** The source of reports on an open storage: sums where they are complete, and records. */
export function storedSource(
  parts: BaseStorageParts,
  query: ParsedReportQuery,
  signal: AbortSignal | null,
): ReportSource {
  const { reader, summarizer, values } = parts;
  const { calendar } = summarizer;
  const given = { where: query.filter.where, signal };
  const unmeasured = new UnmeasuredBuckets(parts);
  return {
    calendar,
    isConcurrent: !parts.sums.isSequential,
    newest,
    async count(asked, groups): Promise<Counted> {
      const sources = partSources(parts, query, groups, unmeasured);
      const bucketEnd = lastBucketEnd(calendar, groups.shape.interval, asked.end);
      const optimistic = new OptimisticCount(parts, given, sources, unmeasured, newest);
      const known = await optimistic.count({ asked, bucketEnd }, groups);
      if (known) return known;
      groups.clear();
      // Where no record is younger, sums of the bucket in which the range ends count none either.
      const isLast = async () =>
        endsLast(asked, { newest: await newest(), pruned: await readPruned(values) });
      const hasSums = sources.some(({ sums }) => sums !== null);
      if (bucketEnd > asked.end && hasSums && (await isLast())) {
        const counted = await add({ ...asked, end: bucketEnd });
        if (await isLast()) return counted;
        groups.clear();
      }
      return add(asked);

      async function add(span: AskedSpan): Promise<Counted> {
        const { records = -Infinity } = await readPruned(values);
        const plan = await planned(sources, span, groups, records);
        optimistic.learn(plan);
        return (await addPlanned(parts, given, plan, asked.end, groups)).counted;
      }
    },
  };

  async function newest(): Promise<number | null> {
    if (reader.newest) return reader.newest(signal);
    const page = { start: null, end: null, where: [], limit: 1, offset: 0, signal };
    return (await reader.page(page))[0]?.date.getTime() ?? null;
  }
}

/** The end of the largest bucket of sums, within a bucket of an interval, in which a span ends. */
function lastBucketEnd(
  calendar: BucketCalendar,
  interval: ReportInterval | null,
  end: number,
): number {
  const [period] = periodsOf(interval);
  return period === undefined ? end : calendar.bucket(period, end - 1).end;
}
