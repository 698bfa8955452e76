export { BucketCalendar, bucketStart, calendarOf, LAST_INSTANT } from './bucket-calendar.js';
export type { BucketRange, BucketSpan, CalendarUnit } from './bucket-calendar.js';
export { byBucket, capKeys, compareClaims, foldOver, unhandledRows } from './cap-keys.js';
export type { HeldKeys } from './cap-keys.js';
export type { Expression, FieldIn } from './dimension-expression.js';
export { MAJOR_ENDS, ofPath, valueAt } from './dimension-values.js';
export { dimensionOf, summariesOf } from './dimensions.js';
export { objectAt, pathKeys } from './json-path.js';
export { KeyReader } from './key-reader.js';
export type { KeyErrorHandler } from './key-reader.js';
export { eachSlotOnce } from './each-slot-once.js';
export { readJoinedLatency } from './joined-latency.js';
export { addLatency, percentiles } from './latency-counts.js';
export type { LatencyCounts, OnSlot } from './latency-counts.js';
export { LATENCY_SLOTS, latencySlot, latencyValue } from './latency-scale.js';
export { decodeLatency, encodeLatency, mergeLatency, readLatency } from './latency-text.js';
export { agrees, isMeasured, isSameMeasures, minusCounts, unmeasured } from './known-measures.js';
export {
  addCounts,
  addMeasures,
  MEASURES,
  measureValues,
  noCounts,
  readCounts,
  recordCounts,
  rowWith,
} from './measures.js';
export type {
  Measure,
  MeasureName,
  Measures,
  MutableCounts,
  MutableMeasures,
  RecordCounts,
  SummaryCounts,
} from './measures.js';
export {
  DIMENSION_NAMES,
  REPORT_DIMENSIONS,
  reportDimension,
  standardDimension,
} from './report-dimensions.js';
export { clientParts } from './dimension-values.js';
export type { DimensionValue, ReportDimension } from './report-dimensions.js';
export { RECORD_COUNT, withRecordCount } from './record-count.js';
export type { KeptSummary } from './record-count.js';
export {
  sumBasic,
  sumBlueprints,
  sumClients,
  sumConsumers,
  sumGeo,
  sumLanguages,
  sumReleases,
  sumRemotes,
  sumRoutes,
  sumServer,
  sumStatuses,
  sumUrls,
  sumUserAgents,
  sumVisitors,
} from './standard-summaries.js';
export { CombinedSummary, isCombined, sumBy, valuesOfCombinedKey } from './sum-by.js';
export { Summarizer } from './summarizer.js';
export type { SummarizerOptions } from './summarizer.js';
export { wholeWeight } from './record-weight.js';
export { SummaryHook, summary } from './summary-hook.js';
export { compareRows, mergeIncrements, nameOfRow } from './summary-increment.js';
export type { SummaryIncrement, SummaryRow } from './summary-increment.js';
export { SummaryKeyError } from './summary-key.error.js';
export { compareKeys, keyOf, keyText, MAX_KEY_LENGTH } from './summary-key.js';
export { SummaryNotKeptError } from './summary-not-kept.error.js';
export { foldPersonalKeys, isNamedKey, isPersonal } from './personal-keys.js';
export type { BucketsBefore } from './personal-keys.js';
export { SummaryTable } from './summary-table.js';
export type { SummaryTableQuery } from './summary-table.js';
export { checkedTimeZone } from './time-zone.js';
export { UnknownKeyError, UnknownSummary } from './unknown-summary.js';
export { readUsageSum, reportedCounts, toUsageSum } from './to-usage-sum.js';
export { NO_KEY, OTHER_KEY, SUMMARY_PERIODS } from './usage-sum.js';
export type { SummaryPeriod, UsageCounts, UsageSum, UsageSums } from './usage-sum.js';
