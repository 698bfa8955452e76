import { isAnsweredBySums } from '../data/answered-by-sums.js';
import { namedProcesses, type NamedProcess } from '../data/named-processes.js';
import { checkNoParameters, recordsQuery, reportQuery, routesQuery } from '../data/parameters.js';
import { ndjson, recordsCsv, reportCsv, taken, trackingCsv } from '../data/exports.js';
import { reviewCsv } from '../data/route-exports.js';
import { hidesReview, shownReview } from '../data/shown-review.js';
import { answer, json, withHeaders, type Answer, type DashboardRequest } from '../http/answer.js';
import type { UsageFilter } from '../../storages/contract/usage-query.js';
import type { Site } from './site.js';

/** Answers with data for others; null if the name is none of them. */
export async function dataAnswer(site: Site, request: DashboardRequest): Promise<Answer | null> {
  switch (request.name) {
    case 'report.json':
    case 'report.csv':
      return reportAnswer(site, request);
    case 'routes.json':
    case 'routes.csv':
      return hidesReview(site.parts.visible) ? null : routesAnswer(site, request);
    case 'records.json':
    case 'records.ndjson':
    case 'records.csv':
      return site.parts.records ? recordsAnswer(site, request) : null;
    case 'tracking.json':
    case 'tracking.csv':
      return trackingAnswer(site, request);
    default:
      return null;
  }
}

async function reportAnswer({ parts }: Site, { name, query, signal }: DashboardRequest) {
  const { source, pool, visible } = parts;
  const asked = reportQuery(query, visible);
  const report = await pool.run(
    `report ${JSON.stringify(asked)}`,
    signal,
    (pooled) => source.report({ ...asked, signal: pooled }),
    !isAnsweredBySums(asked, source.summaries),
  );
  if (name === 'report.json') return json(report);
  const file = [...(asked.dimensions ?? ['report']), asked.interval ?? []].flat().join('-');
  return asFile(answer('text/csv; charset=utf-8', reportCsv(asked, report)), `${file}.csv`);
}

/** The state of the tracking in all processes that have told it within a minute. */
async function trackingAnswer({ parts }: Site, { name, query }: DashboardRequest): Promise<Answer> {
  checkNoParameters(query);
  const processes = namedProcesses(await parts.source.processes(), parts.visible);
  if (name === 'tracking.json') return json(processes.map(withoutMessages));
  return asFile(answer('text/csv; charset=utf-8', trackingCsv(processes)), name);
}

/** Messages of drivers may name hosts and tables. */
function withoutMessages({ storages, ...process }: NamedProcess) {
  const told = Object.entries(storages).map(([storage, { lastError, ...stats }]) => [
    storage,
    { ...stats, lastFailure: lastError?.date ?? null },
  ]);
  return { ...process, storages: Object.fromEntries(told) as Record<string, unknown> };
}

async function routesAnswer({ parts }: Site, { name, query, signal }: DashboardRequest) {
  const { source, pool, visible } = parts;
  const asked = routesQuery(query, visible);
  const review = await pool.run(`routes ${JSON.stringify(asked)}`, signal, (pooled) =>
    source.reviewRoutes({ ...asked, signal: pooled }),
  );
  const shown = shownReview(review, visible);
  if (name === 'routes.json') return json(shown);
  return asFile(answer('text/csv; charset=utf-8', reviewCsv(shown, visible)), name);
}

async function recordsAnswer(
  { parts }: Site,
  { name, query, signal }: DashboardRequest,
): Promise<Answer> {
  const { source, pool, visible } = parts;
  const asked = recordsQuery(query, visible);
  const isPaged =
    asked.page !== undefined || asked.after !== undefined || asked.orderBy !== undefined;
  if (name === 'records.json' || isPaged) {
    const page = await pool.run(`records ${JSON.stringify(asked)}`, signal, (pooled) =>
      source.getUsage({ ...asked, signal: pooled }),
    );
    if (name === 'records.json') return json(page.map((record) => visible.shown(record)));
    return streamed(name, listed(page), visible);
  }
  const { limit, ...filter } = asked;
  const records = source.streamUsage({ ...(filter as UsageFilter), signal });
  return streamed(name, taken(records, limit), visible);
}

function streamed(
  name: string,
  records: Parameters<typeof ndjson>[0],
  visible: Parameters<typeof ndjson>[1],
): Answer {
  return name === 'records.csv'
    ? asFile(answer('text/csv; charset=utf-8', recordsCsv(records, visible)), name)
    : asFile(answer('application/x-ndjson; charset=utf-8', ndjson(records, visible)), name);
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function asFile(given: Answer, name: string): Answer {
  const safe = name.replaceAll(/[^\w.-]+/g, '-');
  return withHeaders(given, { 'Content-Disposition': `attachment; filename="usage-${safe}"` });
}
