import type { UsageRecord } from '../../../record/index.js';
import {
  METRICS,
  REPORT_COMPARISONS,
  REPORT_INTERVALS,
  type Metric,
  type ReportQuery,
} from '../../../storages/contract/usage-report.js';
import type { UsageWhere } from '../../../storages/contract/usage-where.js';
import { VALUES } from './record-values.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The unit of aligned bounds, and the longest range, by interval. */
const SPANS: Record<string, { unit: number; most: number }> = {
  none: { unit: DAY, most: 60 * DAY },
  minute: { unit: MINUTE, most: 2 * HOUR },
  hour: { unit: HOUR, most: 5 * DAY },
  day: { unit: DAY, most: 40 * DAY },
  week: { unit: DAY, most: 60 * DAY },
  month: { unit: DAY, most: 100 * DAY },
};

/** Dimensions that sums tell, alone or in pairs. */
const SUMMED = ['route', 'consumer', 'status'];

const FILTERS: readonly [UsageWhere, (record: UsageRecord) => boolean][] = [
  [{ status: { gte: 400, lt: 500 } }, ({ status }) => status >= 400 && status < 500],
  [{ statusClass: { not: '2xx' } }, ({ status }) => status < 200 || status > 299],
  [{ route: '/cats/:id' }, ({ route }) => route === '/cats/:id'],
  [
    { route: ['GET /cats', null] },
    ({ method, route }) => route === null || (method === 'GET' && route === '/cats'),
  ],
  [{ consumer: { notIn: ['shop', null] } }, ({ consumer }) => !['shop', null].includes(consumer)],
  [{ username: { startsWith: 'A' } }, ({ username }) => username?.startsWith('A') === true],
  [{ country: null }, ({ ipInfo }) => !ipInfo?.country],
  [
    { 'trackVar.plan': '7' },
    ({ trackVar }) => trackVar?.['plan'] === 7 || trackVar?.['plan'] === '7',
  ],
  [
    { speed: { gte: 0.001, lt: 1 }, method: 'GET' },
    ({ speed, method }) => speed >= 0.001 && speed < 1 && method === 'GET',
  ],
];

/** A question, and what its `where` means. */
export interface RandomQuestion {
  readonly query: ReportQuery;
  readonly matches: (record: UsageRecord) => boolean;
}

/**
 * Makes a question about a random part of what a report can be asked.
 *
 * @param dates Dates near which its range begins.
 */
export function randomQuestion(random: () => number, dates: readonly Date[]): RandomQuestion {
  const chance = (of: number) => random() < of;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const some = <T>(values: readonly T[], most: number): T[] => [
    ...new Set(Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(values))),
  ];
  const maybe = <T>(of: number, make: () => T): T | undefined => (chance(of) ? make() : undefined);

  const metrics = [pick(METRICS), ...some(METRICS, 4)].filter(isFirst);
  const dimensions = some(chance(0.5) ? SUMMED : Object.keys(VALUES), 2);
  const interval = maybe(0.5, () => pick(REPORT_INTERVALS));
  const compare = maybe(0.4, () => pick(REPORT_COMPARISONS));
  const { unit, most } = SPANS[interval ?? 'none']!;
  const step = chance(0.5) ? unit : 1;
  const from = pick(dates).getTime() - random() * random() * most;
  const start = Math.floor(from / step) * step;
  const length = Math.max(Math.floor((random() * most) / step) * step, 1);
  const filter = maybe(0.4, () => pick(FILTERS));
  // Without an interval either bound may be missing; what begins with the first request has no past.
  const hasStart = interval !== undefined || compare !== undefined || chance(0.8);
  const hasEnd = interval !== undefined || chance(0.8);
  const given = {
    metrics,
    dimensions: dimensions.length > 0 ? dimensions : undefined,
    interval,
    compare,
    where: filter?.[0],
    startDate: hasStart ? new Date(start) : undefined,
    endDate: hasEnd ? new Date(start + length - 1) : undefined,
    orderBy: maybe(0.4, () =>
      Object.fromEntries(
        some<string>([...METRICS, ...dimensions, ...dimensions], 2).map((name) => [
          name,
          pick(['asc', 'desc'] as const),
        ]),
      ),
    ),
    limit: maybe(0.6, () => pick([1, 2, 5])),
    page: maybe(0.3, () => pick([1, 2, 3])),
  };
  const query = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as ReportQuery;
  return { query, matches: filter?.[1] ?? (() => true) };
}

function isFirst(metric: Metric, index: number, all: readonly Metric[]): boolean {
  return all.indexOf(metric) === index;
}
