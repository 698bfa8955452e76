import {
  MemoryStorage,
  SqliteStorage,
  sumBy,
  sumConsumers,
  sumClients,
  sumRoutes,
  sumStatuses,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';

const HOUR = 3_600_000;

/** What comes from outside, in the worst form. */
export const HOSTILE = [
  '<script>document.title="owned"</script>',
  '"><img src=x onerror="document.title=\'owned\'">',
  "javascript:document.title='owned'",
  '\u202egnp.exe\u2066 right to left',
  '</svg></style><style>*{display:none}</style>',
  `{{constructor.constructor('document.title="owned"')()}}`,
  'a&b=c#d?e%00 ',
  '(other)',
  'null',
  '\\',
  'x'.repeat(120),
] as const;

/** Records of three weeks until `now`, the same for the same count, with what is hostile in them. */
export function shopRecords(count: number, now: number): UsageRecord[] {
  const clients = [
    { browser: 'MyShop', version: '4.12.0', kind: 'library' as const },
    { browser: 'MyShop', version: '4.11.2', kind: 'library' as const },
    { browser: 'Chrome', version: '141.0', kind: 'browser' as const },
    { browser: null, version: null, kind: 'unknown' as const },
  ];
  const routes = [
    '/cats',
    '/cats/:id',
    '/orders',
    null,
    ...HOSTILE.slice(0, 3).map((each) => `/${each}`),
  ];
  const statuses = [200, 200, 200, 201, 304, 404, 429, 500, 503];
  const consumers = ['acme', 'globex', 'initech', null, ...HOSTILE];
  return Array.from({ length: count }, (_, at) => {
    const pick = <T>(items: readonly T[], step: number): T =>
      items[(at * step + (at >> 4)) % items.length]!;
    const client = pick(clients, 1);
    const text = pick(HOSTILE, 3);
    const date = new Date(now - 1000 - Math.floor((at / count) * 21 * 24 * HOUR));
    return makeRecord({
      date,
      route: pick(routes, 5),
      path: at % 3 === 0 ? `/${text}` : '/cats/7',
      url: `https://shop.example/${encodeURI(text)}`,
      status: pick(statuses, 7),
      outcome: at % 41 === 0 ? 'aborted' : 'completed',
      speed: 0.002 + ((at * 37) % 400) / 1000,
      contentLength: (at * 13) % 5000,
      consumer: pick(consumers, 11),
      release: at % 5 === 0 ? text : '2.0.0',
      serverName: pick(['api-1', 'api-2'], 1),
      trackVar: { plan: at % 2 ? 'pro' : text },
      ipInfo: {
        country: pick(['CH', 'DE', null, '<b>'], 1),
        region: null,
        city: null,
        latitude: null,
        longitude: null,
        raw: null,
      },
      userAgent: { ...client, platform: null, language: text, string: text },
    });
  });
}

/** A record for each hostile text, and for one of 10,000 characters, that has it in every field. */
export function hostileRecords(now: number): UsageRecord[] {
  return [...HOSTILE, `\u202e${'y'.repeat(9999)}`].map((text, at) =>
    makeRecord({
      date: new Date(now - 1000 - at),
      url: text,
      path: text,
      method: text,
      protocol: text,
      route: text,
      blueprint: text,
      handler: text,
      viewArgs: { [text]: text },
      urlArgs: { [text]: text },
      remoteAddr: text,
      xForwardedFor: text,
      referrer: text,
      username: text,
      consumer: text,
      consumerGroup: text,
      userAgent: {
        browser: text,
        version: text,
        platform: text,
        language: text,
        string: text,
        kind: 'browser',
      },
      ipInfo: {
        country: text,
        region: text,
        city: text,
        latitude: null,
        longitude: null,
        raw: { [text]: text },
      },
      visitorId: text,
      serverName: text,
      service: text,
      release: text,
      apiVersion: text,
      traceId: text,
      trackVar: { [text]: text, plan: text },
    }),
  );
}

export const HOOKS = [sumRoutes, sumStatuses, sumConsumers, sumClients, sumBy('consumer', 'route')];

export function memory(name = 'memory'): UsageStorage {
  return new MemoryStorage({ name, hooks: HOOKS });
}

export function sqlite(database: string): UsageStorage {
  return new SqliteStorage({ database, hooks: HOOKS });
}
