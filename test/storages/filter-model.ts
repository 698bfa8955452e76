import fc from 'fast-check';
import type { UsageRecord, UsageWhere } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';

// A brute force of filters, which shares no code with the library.

const TEXTS = [
  '',
  'a',
  'A',
  'ab',
  'a_b',
  'a%',
  '%',
  "o'hara",
  '"q"',
  'a\\b',
  '\\',
  '$where',
  '$a',
  'a.b',
  'é',
  'e\u0301',
  '🦄',
  'a🦄b',
  '\uffee',
  '\ud7ff',
  ' a',
  'a ',
  'a b',
  'line\nbreak',
  '12',
  '1.5',
  '1e+21',
  'true',
  'null',
];
const NUMBERS = [0, 1, -1, 12, 1.5, 0.1 + 0.2, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53];
const NAMES = [
  'plan',
  'a.b',
  '$where',
  'é',
  'a b',
  '"',
  '\\',
  '__proto__',
  'constructor',
  '0',
  '*',
  '_id',
  '~',
];
const METHODS = ['GET', 'POST', 'get'];
const ROUTES = ['/cats', '/cats/:id', '/Cats', '/cats%', '/a b', '/', '*'];
const URLS = [
  'http://a.b/c',
  'http://a.b/c?d=e',
  'http://a.b/c?d?e',
  'http://a.b/C',
  '?x',
  '',
  '/🦄?',
];
const REFERRERS = [
  'https://A.example:8443/x',
  'https://a.example:8443',
  'http://u@b.example/?c',
  '/x',
  'http://é.example#',
];
const VERSIONS = ['126.0.1', '126', '8 beta', '.5', '', '12\u00a06', '🦄.1', 'a'];
const COUNTRIES = ['CH', 'BR', 'ch'];

const text = fc.constantFrom(...TEXTS);
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 4 });
const scalar = fc.oneof(text, fc.constantFrom(...NUMBERS), fc.boolean(), fc.constant(null));
const own = <T>(values: fc.Arbitrary<T>) =>
  fc
    .array(fc.tuple(fc.constantFrom(...NAMES), values), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as Record<string, T>);
const nested = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  { weight: 2, arbitrary: own(scalar) },
  { weight: 1, arbitrary: fc.array(own(scalar), { maxLength: 2 }) },
);
const args = own(fc.oneof(text, fc.array(text, { maxLength: 2 })));
const instant = fc.integer({ min: -3, max: 40 }).map((at) => new Date(1_780_000_000_000 + at));
const speed = fc
  .oneof(fc.integer({ min: 0, max: 20 }), fc.constant(59_999_999))
  .map((n) => n / 1e6);
const length = fc.constantFrom(0, 1, 512, 2 ** 40, Number.MAX_SAFE_INTEGER);
const status = fc.constantFrom(0, 99, 100, 200, 204, 404, 499, 500, 999);
const weight = fc.constantFrom(1, 2, 10, 1 / 0.3);

export const storedRecord: fc.Arbitrary<UsageRecord> = fc
  .record({
    date: instant,
    url: fc.constantFrom(...URLS),
    path: text,
    method: fc.constantFrom(...METHODS),
    route: orNull(fc.constantFrom(...ROUTES)),
    blueprint: orNull(text),
    handler: orNull(text),
    viewArgs: orNull(args),
    urlArgs: args,
    status,
    outcome: fc.constantFrom('completed' as const, 'aborted' as const),
    speed,
    contentLength: length,
    remoteAddr: orNull(fc.constantFrom('192.0.2.7', '2001:db8::7')),
    xForwardedFor: orNull(text),
    referrer: orNull(fc.constantFrom(...REFERRERS)),
    authorization: fc.boolean(),
    username: orNull(text),
    visitorId: orNull(text),
    serverName: text,
    trackVar: orNull(own(nested)),
    weight,
    consumer: orNull(text),
    consumerGroup: orNull(text),
    service: orNull(text),
    release: orNull(text),
    apiVersion: orNull(text),
    traceId: orNull(fc.constantFrom('a', 'b'.repeat(32))),
    ipInfo: orNull(
      fc.record({
        country: orNull(fc.constantFrom(...COUNTRIES)),
        region: fc.constant(null),
        city: orNull(text),
        latitude: fc.constant(null),
        longitude: fc.constant(null),
        raw: own(text),
      }),
    ),
    userAgent: fc.record({
      browser: orNull(fc.constantFrom('Chrome', 'My Shop', 'Chrome 126', 'curl')),
      version: orNull(fc.constantFrom(...VERSIONS)),
      platform: orNull(text),
      language: orNull(text),
      string: orNull(text),
      kind: fc.constantFrom('browser' as const, 'bot' as const, 'unknown' as const),
    }),
  })
  .map((fields) => makeRecord(fields as unknown as Partial<UsageRecord>));

type Get = (record: UsageRecord) => unknown;

interface Name {
  readonly get: Get;
  readonly values: fc.Arbitrary<unknown>;
  readonly isNullable: boolean;
  readonly operators: readonly string[];
}

const ORDER = ['gt', 'gte', 'lt', 'lte'];
const PARTS = ['startsWith', 'contains'];

const textName = (get: Get, isNullable: boolean, values: fc.Arbitrary<unknown> = text): Name => ({
  get,
  values,
  isNullable,
  operators: [...ORDER, ...PARTS],
});
const numberName = (get: Get, values: fc.Arbitrary<unknown>): Name => ({
  get,
  values,
  isNullable: false,
  operators: ORDER,
});
const of = (...values: string[]) => fc.constantFrom(...values);

const agent = (record: UsageRecord) => record.userAgent;
const bothOf = (record: UsageRecord, version: string | null) =>
  agent(record).browser === null
    ? null
    : version
      ? `${agent(record).browser} ${version}`
      : agent(record).browser;
const numberOrNear = fc.oneof(speed, fc.constantFrom(-1, 1e-7, 0.0000015, 1e300, 60));

export const NAMED: Record<string, Name> = {
  id: textName((r) => r.id, false, of('0', 'x y', '0197c000-0000-7000-8000-000000000000', 'é')),
  date: { get: (r) => r.date.getTime(), values: instant, isNullable: false, operators: ORDER },
  url: textName((r) => r.url.split('?')[0], false, of(...URLS)),
  path: textName((r) => r.path, false),
  method: textName((r) => r.method, false, of(...METHODS, 'G')),
  blueprint: textName((r) => r.blueprint, true),
  handler: textName((r) => r.handler, true),
  status: numberName((r) => r.status, status),
  statusClass: textName(
    (r) => (r.status < 100 ? null : `${String(r.status)[0]}xx`),
    true,
    of('2xx', '4xx', '5xx', '9xx'),
  ),
  outcome: textName((r) => r.outcome, false, of('completed', 'aborted')),
  speed: numberName((r) => r.speed, numberOrNear),
  contentLength: numberName(
    (r) => r.contentLength,
    fc.oneof(length, fc.constantFrom(0.5, 1e300, -1e300)),
  ),
  weight: numberName((r) => r.weight, weight),
  remote: textName((r) => r.remoteAddr, true, of('192.0.2.7', '2001:db8::7', '192')),
  remoteAddr: textName((r) => r.remoteAddr, true, of('192.0.2.7', '2001:db8::7', '192')),
  xForwardedFor: textName((r) => r.xForwardedFor, true),
  referrer: textName(
    (r) =>
      ['a.example:8443', 'a.example:8443', 'b.example', null, 'é.example'][
        REFERRERS.indexOf(r.referrer ?? '')
      ] ?? null,
    true,
    of('a.example:8443', 'b.example', 'é.example', 'A.example', 'example'),
  ),
  authorization: {
    get: (r) => r.authorization,
    values: fc.boolean(),
    isNullable: false,
    operators: [],
  },
  username: textName((r) => r.username, true),
  visitor: textName((r) => r.visitorId, true),
  visitorId: textName((r) => r.visitorId, true),
  server: textName((r) => r.serverName, false),
  serverName: textName((r) => r.serverName, false),
  protocol: textName((r) => r.protocol, false, of('HTTP/1.1', 'http/1.1', 'H')),
  userAgent: textName(
    (r) => bothOf(r, /^[^.\s]*/.exec(agent(r).version ?? '')![0]),
    true,
    of(
      'Chrome 126',
      'My Shop',
      'My Shop 8',
      'Chrome 126 126',
      'Chrome 🦄',
      'curl 12',
      'curl ',
      'curl a',
    ),
  ),
  client: textName(
    (r) => bothOf(r, agent(r).version),
    true,
    of('Chrome 126', 'My Shop 8 beta', 'Chrome 126.0.1', 'curl', 'curl .5', 'Chrome'),
  ),
  kind: textName((r) => agent(r).kind, false, of('browser', 'bot', 'unknown')),
  'userAgent.kind': textName((r) => agent(r).kind, false, of('browser', 'bot', 'unknown')),
  'userAgent.browser': textName((r) => agent(r).browser, true, of('Chrome', 'curl', 'c')),
  'userAgent.version': textName((r) => agent(r).version, true, of(...VERSIONS)),
  'userAgent.string': textName((r) => agent(r).string, true),
  platform: textName((r) => agent(r).platform, true),
  language: textName((r) => agent(r).language, true),
  country: textName((r) => r.ipInfo?.country ?? null, true, of(...COUNTRIES, 'C')),
  consumer: textName((r) => r.consumer, true),
  consumerGroup: textName((r) => r.consumerGroup, true),
  service: textName((r) => r.service, true),
  release: textName((r) => r.release, true),
  apiVersion: textName((r) => r.apiVersion, true),
  traceId: textName((r) => r.traceId, true, of('a', 'b'.repeat(32), 'b')),
};

const routeValues = of(...ROUTES, 'GET /cats', 'POST /cats/:id', 'GET *', 'get /a b', 'GET', '/c');

/** A condition by name: what is given, and the test of a record that it means. */
interface Made {
  readonly name: string;
  readonly given: unknown;
  readonly test: (record: UsageRecord) => boolean;
}

function bytes(given: unknown): Buffer {
  return Buffer.from(typeof given === 'string' ? given : JSON.stringify(given));
}

function ordered(value: unknown, bound: unknown): number {
  const [a, b] = [value, bound].map((each) => (each instanceof Date ? each.getTime() : each));
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(bytes(a), bytes(b));
}

function isSame(value: unknown, given: unknown): boolean {
  if (value === null || given === null) return value === given;
  return ordered(value, given) === 0;
}

function passes(value: unknown, op: string, bound: unknown): boolean {
  const list = bound as unknown[];
  switch (op) {
    case 'not':
      return !isSame(value, bound);
    case 'in':
      return list.some((each) => isSame(value, each));
    case 'notIn':
      return !list.some((each) => isSame(value, each));
  }
  if (value === null) return false;
  switch (op) {
    case 'gt':
      return ordered(value, bound) > 0;
    case 'gte':
      return ordered(value, bound) >= 0;
    case 'lt':
      return ordered(value, bound) < 0;
    case 'lte':
      return ordered(value, bound) <= 0;
    case 'startsWith':
      return bytes(value).subarray(0, bytes(bound).length).equals(bytes(bound));
    default:
      return bytes(value).includes(bytes(bound));
  }
}

/** Numbers and booleans at a path are compared with text as JSON writes them. */
function atPath(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    value = isObject ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
  }
  return typeof value === 'object' || value === undefined ? null : value;
}

function conditions(
  name: string,
  { values, isNullable, operators }: Omit<Name, 'get'>,
  check: (record: UsageRecord, op: string, bound: unknown) => boolean,
): fc.Arbitrary<Made> {
  const value = isNullable ? fc.option(values, { freq: 5 }) : values;
  const list = fc.array(value, { maxLength: 3 });
  const part = fc.oneof(text, values).filter((each) => typeof each === 'string');
  const operator = fc
    .constantFrom('not', 'in', 'notIn', ...operators, ...operators)
    .chain((op): fc.Arbitrary<[string, unknown]> => {
      if (op === 'in' || op === 'notIn') return list.map((given) => [op, given]);
      if (op === 'not') return value.map((given) => [op, given]);
      return (PARTS.includes(op) ? part : values).map((given) => [op, given]);
    });
  return fc.oneof(
    value.map((given) => ({ name, given, test: (r: UsageRecord) => check(r, 'in', [given]) })),
    list.map((given) => ({ name, given, test: (r: UsageRecord) => check(r, 'in', given) })),
    fc
      .uniqueArray(operator, { minLength: 1, maxLength: 2, selector: ([op]) => op })
      .map((pairs) => ({
        name,
        given: Object.fromEntries(pairs),
        test: (r: UsageRecord) => pairs.every(([op, bound]) => check(r, op, bound)),
      })),
  );
}

const fieldCondition = fc.constantFrom(...Object.keys(NAMED)).chain((name) => {
  const named = NAMED[name]!;
  return conditions(name, named, (record, op, bound) =>
    passes(named.get(record) ?? null, op, bound),
  );
});

const escaped = (key: string) => key.replace(/[\\.]/g, '\\$&');
const pathCondition = fc
  .tuple(
    fc.constantFrom('trackVar' as const, 'viewArgs' as const, 'urlArgs' as const),
    fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
  )
  .chain(([field, names]) => {
    const keys = field === 'trackVar' ? names : [names[0]!];
    const name = `${field}.${field === 'trackVar' ? keys.map(escaped).join('.') : keys[0]!}`;
    const values = fc.oneof(text, fc.constantFrom(...NUMBERS), fc.boolean());
    const named = { values, isNullable: true, operators: [...ORDER, ...PARTS] };
    return conditions(name, named, (record, op, bound) =>
      passes(atPath(record[field], keys), op, bound),
    );
  });

/** A route is compared with its method if what is given names one, else without. */
const routeCondition = conditions(
  'route',
  { values: routeValues, isNullable: true, operators: [...ORDER, ...PARTS] },
  (record, op, bound) => {
    const { method, route } = record;
    const whole = route === null ? null : `${method} ${route}`;
    const form = (given: unknown) =>
      typeof given !== 'string' || /^(GET|POST|get) /.test(given) ? whole : route;
    if (op === 'in') return (bound as unknown[]).some((each) => passes(form(each), 'in', [each]));
    if (op === 'notIn')
      return (bound as unknown[]).every((each) => passes(form(each), 'not', each));
    if (op === 'not') return passes(form(bound), 'not', bound);
    const isBare = op !== 'contains' && (bound as string).startsWith('/');
    return passes(isBare ? route : whole, op, bound);
  },
);

/** A `where`, and the test of a record that it means. */
export const filter: fc.Arbitrary<{ where: UsageWhere; test: (record: UsageRecord) => boolean }> =
  fc
    .uniqueArray(
      fc.oneof(
        { weight: 5, arbitrary: fieldCondition },
        { weight: 4, arbitrary: pathCondition },
        { weight: 1, arbitrary: routeCondition },
      ),
      { minLength: 1, maxLength: 2, selector: ({ name }) => name },
    )
    .map((made) => ({
      where: Object.fromEntries(made.map(({ name, given }) => [name, given])) as UsageWhere,
      test: (record) => made.every(({ test }) => test(record)),
    }));
