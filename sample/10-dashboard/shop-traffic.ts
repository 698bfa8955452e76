import type { UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Who calls the shop, and how. */
interface Habit {
  readonly consumer: string | null;
  readonly group: string | null;
  /** Requests of an ordinary hour at its busiest. */
  readonly perHour: number;
  /** How busy an hour of the day is, from 0 to 1. */
  readonly busy: (hour: number, isWeekend: boolean) => number;
  readonly clients: (daysAgo: number) => readonly [name: string, version: string, share: number][];
  readonly kind: UsageRecord['userAgent']['kind'];
  readonly countries: readonly string[];
  readonly languages: readonly string[];
  /** Routes by how often they are called. */
  readonly routes: Readonly<Record<string, number>>;
}

const office = (hour: number, isWeekend: boolean) =>
  isWeekend ? 0.04 : hour > 6 && hour < 19 ? 1 - Math.abs(13 - hour) / 9 : 0.05;
const home = (hour: number, isWeekend: boolean) =>
  (0.15 + 0.85 * Math.max(0, Math.sin(((hour - 6) / 17) * Math.PI))) * (isWeekend ? 0.72 : 1);

const BROWSING = {
  'GET /products/:id': 40,
  'GET /products': 26,
  'GET /cart': 14,
  'POST /cart/items': 8,
  'GET /search': 7,
  'POST /orders': 2.5,
  'GET /orders/:id': 2.5,
};

const HABITS: readonly Habit[] = [
  {
    consumer: 'web-shop',
    group: 'web',
    perHour: 84,
    busy: home,
    clients: () => [
      ['Chrome', '141.0.0.0', 31],
      ['Chrome', '140.0.0.0', 11],
      ['Safari', '26.0', 21],
      ['Safari', '18.6', 6],
      ['Firefox', '145.0', 12],
      ['Edge', '141.0.0.0', 8],
    ],
    kind: 'browser',
    countries: ['DE', 'DE', 'DE', 'CH', 'CH', 'FR', 'AT', 'IT', 'NL'],
    languages: ['de', 'de', 'de', 'fr', 'en', 'it'],
    routes: BROWSING,
  },
  {
    consumer: 'app-ios',
    group: 'app',
    perHour: 34,
    busy: home,
    // A version that its users take over within two weeks.
    clients: (daysAgo) => {
      const isNew = Math.min(0.9, Math.max(0, (16 - daysAgo) / 14));
      return [
        ['MyShop', '4.12.0', isNew],
        ['MyShop', '4.11.2', 1 - isNew],
      ];
    },
    kind: 'library',
    countries: ['DE', 'CH', 'FR', 'US'],
    languages: ['de', 'fr', 'en'],
    routes: { ...BROWSING, 'GET /search': 12 },
  },
  {
    consumer: 'acme',
    group: 'partner',
    perHour: 16,
    busy: office,
    clients: () => [['AcmeSDK', '3.4.0', 1]],
    kind: 'library',
    countries: ['DE'],
    languages: ['en'],
    routes: { 'GET /products': 60, 'GET /products/:id': 30, 'POST /orders': 10 },
  },
  {
    // The same partner's old servers, which still call what is deprecated.
    consumer: 'acme',
    group: 'partner',
    perHour: 3,
    busy: office,
    clients: () => [['AcmeSDK', '3.2.1', 1]],
    kind: 'library',
    countries: ['DE'],
    languages: ['en'],
    routes: { 'GET /v1/products/:id': 80, 'GET /v1/products': 20 },
  },
  {
    // A partner that has stopped to call.
    consumer: 'bricks',
    group: 'partner',
    perHour: 8,
    busy: office,
    clients: (daysAgo) => (daysAgo < 9 ? [] : [['AcmeSDK', '3.2.1', 1]]),
    kind: 'library',
    countries: ['NL'],
    languages: ['nl'],
    routes: { 'GET /v1/products': 30, 'GET /products': 50, 'POST /orders': 20 },
  },
  {
    consumer: 'warehouse',
    group: 'internal',
    perHour: 60,
    busy: (hour) => (hour === 2 || hour === 3 ? 1 : 0),
    clients: () => [['okhttp', '4.12.0', 1]],
    kind: 'library',
    countries: ['DE'],
    languages: [],
    routes: { 'GET /orders/:id': 70, 'PUT /orders/:id/address': 30 },
  },
  {
    consumer: 'payments',
    group: 'service',
    perHour: 5,
    busy: home,
    clients: () => [['Stripe', '1.0', 1]],
    kind: 'service',
    countries: ['US'],
    languages: [],
    routes: { 'POST /payments/events': 1 },
  },
  {
    // A scanner, which knows no route.
    consumer: null,
    group: null,
    perHour: 7,
    busy: (hour) => ((hour * 7) % 5 === 0 ? 1 : 0.2),
    clients: () => [
      ['Googlebot', '2.1', 1],
      ['zgrab', '0.x', 2],
    ],
    kind: 'bot',
    countries: ['US', 'NL', 'SG'],
    languages: [],
    routes: { 'GET /products': 20, '': 80 },
  },
];

const TOOK: Readonly<Record<string, number>> = {
  'GET /search': 0.055,
  'POST /orders': 0.09,
  'PUT /orders/:id/address': 0.04,
  'POST /cart/items': 0.027,
  'GET /products': 0.032,
};

/** The made traffic of a shop until `now`, the oldest first: the same for the same day. */
export function* shopTraffic(days: number, now: number): Generator<UsageRecord> {
  const random = randomOf(20261130);
  yield* yearlyExports(now, random);
  for (let hour = Math.ceil((now - days * DAY) / HOUR) * HOUR; hour < now; hour += HOUR) {
    const records = HABITS.flatMap((habit) => ofHour(habit, hour, now, random));
    records.sort((one, other) => one.date.getTime() - other.date.getTime());
    yield* records;
  }
}

/** The last calls of a route that has gone quiet since. */
function yearlyExports(now: number, random: () => number): UsageRecord[] {
  const warehouse = HABITS.find(({ consumer }) => consumer === 'warehouse')!;
  const habit = { ...warehouse, routes: { 'GET /exports/:year': 1 } };
  return [118, 117, 104].map((daysAgo) =>
    recordOf(habit, new Date(now - daysAgo * DAY), now, habit.clients(daysAgo), random),
  );
}

function ofHour(habit: Habit, hour: number, now: number, random: () => number): UsageRecord[] {
  const daysAgo = (now - hour) / DAY;
  const at = new Date(hour);
  const isWeekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
  const clients = habit.clients(daysAgo).filter(([, , share]) => share > 0);
  if (clients.length === 0) return [];
  // The shop grows by a third within a month.
  const growth = 1 - daysAgo * 0.008;
  const busy = habit.busy(at.getUTCHours(), isWeekend) * growth * (0.85 + 0.3 * random());
  const count = Math.floor(habit.perHour * busy + random());
  return Array.from({ length: count }, () => {
    const date = new Date(hour + Math.floor(random() * HOUR));
    return recordOf(habit, date, now, clients, random);
  }).filter(({ date }) => date.getTime() <= now);
}

function recordOf(
  habit: Habit,
  date: Date,
  now: number,
  clients: readonly [string, string, number][],
  random: () => number,
): UsageRecord {
  const daysAgo = (now - date.getTime()) / DAY;
  const release =
    daysAgo > 22 ? '2.13.0' : daysAgo > 11 ? '2.13.1' : daysAgo > 4 ? '2.14.0' : '2.14.1';
  const routed = chosen(Object.entries(habit.routes), random);
  const [method, route] = routed === '' ? ['GET', null] : (routed.split(' ') as [string, string]);
  const [browser, version] = chosen(
    clients.map((client) => [client, client[2]] as const),
    random,
  );
  // Release 2.14.0 made the search slow. Eight days ago the database was away for half an hour.
  const isSlow = release === '2.14.0' && routed === 'GET /search';
  const isOutage = Math.abs(daysAgo - 8.35) < 0.011;
  const speed = (TOOK[routed] ?? 0.014) * (isSlow ? 9 : 1) * (0.35 - Math.log(1 - random()) * 0.65);
  const isAborted = random() < (isSlow ? 0.02 : 0.0012);
  const status = isAborted ? 499 : isOutage ? 503 : statusOf(method, routed, random);
  const id = String(1 + Math.floor(random() * random() * 400));
  const path = route === null ? '/wp-login.php' : route.replace(':id', id).replace(':year', '2025');
  const country = habit.countries[Math.floor(random() * habit.countries.length)] ?? null;
  const language = habit.languages[Math.floor(random() * habit.languages.length)] ?? null;
  return makeRecord({
    date,
    method,
    path,
    url: `https://shop.example${path}`,
    route,
    blueprint: route === null ? null : 'shop',
    handler: route === null ? null : 'answer',
    viewArgs: route === null ? null : route.includes(':id') ? { id } : {},
    urlArgs: {},
    status,
    outcome: isAborted ? 'aborted' : 'completed',
    speed,
    contentLength: status < 300 ? Math.floor(600 + random() * 26_000) : 120,
    remoteAddr: `198.51.100.${Math.floor(random() * 250)}`,
    serverName: `shop-api-${1 + Math.floor(random() * 3)}`,
    consumer: habit.consumer,
    consumerGroup: habit.group,
    service: 'shop-api',
    release,
    apiVersion: route?.startsWith('/v1/') ? '1' : null,
    ipInfo:
      country === null
        ? null
        : {
            country,
            region: null,
            city: null,
            latitude: null,
            longitude: null,
            raw: null,
          },
    userAgent: {
      browser,
      version,
      platform: null,
      language,
      string: `${browser}/${version}`,
      kind: browser === 'Googlebot' ? 'bot' : habit.kind,
    },
  });
}

function statusOf(method: string, routed: string, random: () => number): number {
  const dice = random();
  if (routed === '') return 404;
  if (dice < 0.002) return 500;
  if (dice < 0.006) return 429;
  if (routed.includes(':id') && dice < 0.02) return 404;
  if (method === 'POST' && dice < 0.045) return 400;
  if (routed === 'GET /products' && dice < 0.06) return 304;
  return method === 'POST' ? 201 : 200;
}

function chosen<T>(items: readonly (readonly [T, number])[], random: () => number): T {
  let left = random() * items.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of items) if ((left -= share) <= 0) return item;
  return items[items.length - 1]![0];
}

/** Numbers from 0 to 1 that are the same each time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
