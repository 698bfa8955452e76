import type { UsageRecord } from '../../../record/index.js';
import type { Metric } from '../../../storages/contract/usage-report.js';
import { VALUES, type Value } from './record-values.js';

const DISTINCT: Partial<Record<Metric, string>> = {
  consumers: 'consumer',
  users: 'username',
  visitors: 'visitor',
  remotes: 'remote',
  routes: 'route',
};
export const PERCENTS: Partial<Record<Metric, number>> = {
  p50: 50,
  p90: 90,
  p95: 95,
  p99: 99,
  max: 100,
};

/** The values of metrics, counted record by record. */
export function valuesOf(metrics: readonly Metric[], records: readonly UsageRecord[]) {
  return Object.fromEntries(metrics.map((metric) => [metric, valueOf(metric, records)]));
}

function valueOf(metric: Metric, records: readonly UsageRecord[]): number | Date | null {
  const sum = (of: (record: UsageRecord) => number) =>
    records.reduce((total, record) => total + record.weight * of(record), 0);
  const hits = sum(() => 1);
  const errors = sum(({ status }) => (status > 499 ? 1 : 0));
  const refused = sum(({ status }) => (status > 399 && status < 500 ? 1 : 0));
  const duration = sum(({ speed }) => Math.round(speed * 1e6)) / 1e6;
  const dates = records.map(({ date }) => date.getTime());
  const dimension = DISTINCT[metric];
  if (dimension !== undefined)
    return new Set(records.map(VALUES[dimension]!).filter((value) => value !== null)).size;
  const percent = PERCENTS[metric];
  if (percent !== undefined) return percentile(percent, records);
  switch (metric) {
    case 'hits':
      return hits;
    case 'transfer':
      return sum(({ contentLength }) => contentLength);
    case 'errors':
      return errors;
    case 'refused':
      return refused;
    case 'aborted':
      return sum(({ outcome }) => (outcome === 'aborted' ? 1 : 0));
    case 'errorRate':
      return hits ? errors / hits : null;
    case 'refusedRate':
      return hits ? refused / hits : null;
    case 'duration':
      return duration;
    case 'mean':
      return hits ? duration / hits : null;
    case 'firstSeen':
      return hits ? new Date(Math.min(...dates)) : null;
    case 'lastSeen':
      return hits ? new Date(Math.max(...dates)) : null;
    default:
      throw new Error(metric);
  }
}

/** The nearest rank, with each record as often as it counts. */
function percentile(percent: number, records: readonly UsageRecord[]): number | null {
  const speeds = records.flatMap(({ speed, weight }) => Array<number>(weight).fill(speed));
  speeds.sort((a, b) => a - b);
  return speeds[Math.ceil((percent * speeds.length) / 100) - 1] ?? null;
}

/** The value that groups are ordered by. Percentiles are known by steps of 4 %. */
export function sortable(metric: Metric, records: readonly UsageRecord[]): Value {
  const value = valueOf(metric, records);
  if (value instanceof Date) return value.getTime();
  if (PERCENTS[metric] === undefined || value === null) return value;
  const micros = Math.round(value * 1e6);
  return micros === 0 ? -1 : Math.ceil(Math.log(micros) / Math.log(1.04) - 1e-9);
}
