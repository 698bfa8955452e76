import type { UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';

/** What each row of a panel shows: its name, and its figures from the left. */
export type PanelRows = Readonly<Record<string, readonly (number | null)[]>>;

const COUNTRIES: Record<string, string> = { CH: 'Switzerland', DE: 'Germany' };
const HOUR_MS = 3_600_000;
const ROUTES = ['/cats', '/cats/:id', '/orders', '/carts/:id', null];
const METHODS = ['GET', 'GET', 'POST', 'DELETE', 'GET'];
const CONSUMERS = ['acme', 'globex', null, 'initech'];
const CLIENTS = [
  ['MyShop', '4.12.0', 'library'],
  ['MyShop', '4.11.2', 'library'],
  ['Chrome', '141', 'browser'],
  [null, null, 'unknown'],
] as const;

/** Plain records of the three weeks before an instant, with values in every field that is shown. */
export function plainRecords(count: number, now: number): UsageRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const pick = <T>(items: readonly T[], step: number): T =>
      items[(at * step + (at >> 3)) % items.length]!;
    const place = (at * 7 + (at >> 3)) % ROUTES.length;
    const [browser, version, kind] = pick(CLIENTS, 3);
    return makeRecord({
      date: new Date(now - 1000 - Math.floor((at / count) * 500 * HOUR_MS)),
      method: METHODS[place]!,
      route: ROUTES[place]!,
      path: `/path/${at}`,
      status: pick([200, 200, 201, 304, 404, 429, 500], 5),
      outcome: at % 17 === 0 ? 'aborted' : 'completed',
      speed: (1 + ((at * 37) % 400)) / 1000,
      contentLength: (at * 13) % 5000,
      consumer: pick(CONSUMERS, 11),
      release: pick(['1.0.0', '1.1.0'], 1),
      apiVersion: pick(['1', '2', null], 1),
      serverName: pick(['api-1', 'api-2', 'api-3'], 1),
      trackVar: { plan: pick(['pro', 'free'], 1) },
      ipInfo: {
        country: pick(['CH', 'DE', null], 5),
        region: null,
        city: null,
        latitude: null,
        longitude: null,
        raw: null,
      },
      userAgent: {
        browser,
        version,
        kind,
        platform: null,
        language: pick(['de', 'fr', 'en'], 1),
        string: 'x',
      },
    });
  });
}

const nameOfRoute = ({ method, route }: UsageRecord) =>
  route === null ? 'no route matched' : `${method} ${route}`;

/** The rows of the panels for some records, counted one by one. */
export function countedPanels(records: readonly UsageRecord[]): Record<string, PanelRows> {
  const all = records.length;
  const shares = (valueOf: (record: UsageRecord) => string | null, missing: string) =>
    rowsBy(
      records,
      (record) => valueOf(record) ?? missing,
      (own) => [own.length / all],
    );
  const measured = (own: readonly UsageRecord[]) => [
    own.length,
    own.filter(({ status }) => status >= 500).length / own.length,
    quantile(own, 0.5),
    quantile(own, 0.95),
    own.reduce((sum, { contentLength }) => sum + contentLength, 0),
  ];
  const statuses = [...new Set(records.map(({ status }) => status))].sort((a, b) => a - b);
  return {
    routes: rowsBy(records, nameOfRoute, measured),
    consumers: rowsBy(records, ({ consumer }) => consumer ?? 'nobody named', measured),
    clients: shares(({ userAgent }) => userAgent.browser, 'no client named'),
    statuses: rowsBy(records, nameOfRoute, (own) =>
      statuses
        .map((status) => own.filter((record) => record.status === status).length / own.length)
        .filter((share) => share > 0),
    ),
    'by-country': shares(({ ipInfo }) => COUNTRIES[ipInfo?.country ?? ''] ?? null, 'unknown'),
    'by-language': shares(({ userAgent }) => userAgent.language, 'none named'),
    'by-server': shares(({ serverName }) => serverName, ''),
    'by-release': shares(({ release }) => release, 'none'),
    'by-apiVersion': shares(({ apiVersion }) => apiVersion, 'none'),
    'by-trackVar.plan': shares(({ trackVar }) => trackVar!['plan'] as string, 'none'),
  };
}

/** The tiles, in their order. */
export function countedTiles(records: readonly UsageRecord[]): number[] {
  const share = (is: (record: UsageRecord) => boolean) =>
    records.filter(is).length / records.length;
  return [
    records.length,
    new Set(records.flatMap(({ consumer }) => consumer ?? [])).size,
    share(({ status }) => status >= 500),
    share(({ status }) => status >= 400 && status < 500),
    quantile(records, 0.95),
    share(({ outcome }) => outcome === 'aborted'),
    records.reduce((sum, { contentLength }) => sum + contentLength, 0),
  ];
}

function rowsBy(
  records: readonly UsageRecord[],
  nameOf: (record: UsageRecord) => string,
  figuresOf: (own: readonly UsageRecord[]) => number[],
): PanelRows {
  const groups = new Map<string, UsageRecord[]>();
  for (const record of records)
    groups.set(nameOf(record), [...(groups.get(nameOf(record)) ?? []), record]);
  return Object.fromEntries([...groups].map(([name, own]) => [name, figuresOf(own)]));
}

function quantile(records: readonly UsageRecord[], share: number): number {
  const sorted = records.map(({ speed }) => speed).sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
