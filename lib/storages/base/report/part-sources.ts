import type { BaseStorageParts } from '../storage-parts.js';
import type { UnmeasuredBuckets } from '../unmeasured-buckets.js';
import { isDecided, type DecidedDimension } from '../routes/deprecation-rule.js';
import { keptSums } from './kept-sums.js';
import type { ParsedReportQuery } from './parse-report-query.js';
import type { ReportGroups, ReportPart } from './report-groups.js';
import { SumSource } from './sum-source.js';

/** A part of a report, and the sums that may answer it; null if none may. */
export interface PartSource {
  readonly part: ReportPart;
  readonly sums: SumSource | null;
}

/** The sums that may answer each part of a report; null if none may. */
export function partSources(
  parts: BaseStorageParts,
  query: ParsedReportQuery,
  groups: ReportGroups,
  unmeasured: UnmeasuredBuckets,
): PartSource[] {
  const filtered = query.filter.where.flatMap(({ operand }) =>
    operand.kind === 'dimension' ? [operand.dimension] : [],
  );
  const own = [...query.dimensions, ...filtered].filter(({ summary, name }) => summary === name);
  const kept = keptSums(parts.summarizer.hooks, own, decidedDimensions(query));
  return groups.parts.map((part) => ({
    part,
    sums: SumSource.find(parts, kept, query, groups.shape, part, unmeasured),
  }));
}

function decidedDimensions({ dimensions, filter }: ParsedReportQuery): readonly DecidedDimension[] {
  const filtered = filter.where.flatMap(({ operand }) =>
    operand.kind === 'dimension' ? [operand.dimension] : [],
  );
  const decided = [...dimensions, ...filtered].filter(isDecided);
  return [...new Set(decided)];
}
