import type { UsageRecord } from 'nestjs-track-usage';
import { afterEach, describe, expect, test } from 'vitest';
import { FlaskSource } from '../../../../lib/command/import/index.js';
import { describeWithServer } from '../../../support/servers.js';
import { importInto, openMemory } from '../support/import-into-memory.js';
import { ORIGINAL_STORAGES, type LoadedSource, type OriginalStorage } from './sources.js';

const CHROME = { browser: 'Chrome', version: '126.0.6478.61', platform: 'Linux', language: null };
const NOBODY = { browser: null, version: null, platform: null, language: null };
const CHROME_STRING =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.61 Safari/537.36';

/** The eight requests of `make.py`, counted by hand. */
const REQUESTS = [
  { date: '2026-01-31T22:30:00Z', url: '/', args: {}, status: 200, speed: 0.25, bytes: 5 },
  {
    date: '2026-01-31T22:31:00Z',
    url: '/cats/7?full=yes&tag=a&tag=b',
    args: { number: '7' },
    status: 200,
    speed: 0.5,
    bytes: 5,
  },
  {
    date: '2026-01-31T23:31:00Z',
    url: '/cats/8',
    args: { number: '8' },
    status: 200,
    speed: 0.125,
    bytes: 5,
  },
  {
    date: '2026-01-31T23:31:00Z',
    url: '/cats/8',
    args: { number: '8' },
    status: 200,
    speed: 0.125,
    bytes: 5,
  },
  {
    date: '2026-01-31T23:32:00Z',
    url: '/shop/items/b%C3%BCcher?q=%C3%A9t%C3%A9',
    args: { name: 'bücher' },
    status: 200,
    speed: 1.5,
    bytes: 4,
  },
  {
    date: '2026-02-01T22:30:00Z',
    url: '/shop/items/xx/of/it%27s%20%22y%22',
    args: { name: 'xx', maker_with_a_name_that_takes_long: `it's "y"` },
    status: 200,
    speed: 0.001,
    bytes: 4,
  },
  {
    date: '2026-03-12T22:30:00Z',
    url: '/nowhere',
    args: null,
    status: 404,
    speed: 0.002,
    bytes: 7,
  },
  {
    date: '2026-03-12T22:31:00Z',
    url: '/cats/7?api_key=[redacted]',
    args: { number: '7' },
    status: 200,
    speed: 0.5,
    bytes: 5,
  },
];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'GET', 'GET', 'GET'];
const CATS = { plan: 'pro', tries: 3 };
const ITEMS = { note: `it's "été"`, flag: true, none: null };
const VARIABLES = [null, CATS, CATS, CATS, ITEMS, ITEMS, null, CATS];

let loaded: LoadedSource | undefined;
afterEach(async () => {
  await loaded?.remove();
  loaded = undefined;
});

async function importAll(original: OriginalStorage) {
  loaded = await original.load();
  const source = await FlaskSource.open(loaded.options);
  try {
    const storage = await openMemory();
    const imported = await importInto(source, {}, storage);
    await importInto(source, {}, storage);
    return { ...imported, again: await storage.countUsage({}), ...source.differences() };
  } finally {
    await source.close();
  }
}

/** In the order of the requests: two of them are of one second. */
function inOrder(records: readonly UsageRecord[]): UsageRecord[] {
  return [...records].sort(
    (one, other) => +one.date - +other.date || (one.remoteAddr! < other.remoteAddr! ? -1 : 1),
  );
}

for (const original of ORIGINAL_STORAGES) {
  const { title, version, needs } = original;
  const kind = title.split(' ')[0]!;
  const isSql = kind === 'SQLStorage';
  const isMongo = kind === 'MongoStorage' || kind === 'MongoEngineStorage';
  const hasString = kind === 'MongoEngineStorage';
  const hasForwarded = isSql || isMongo;

  const define = () =>
    test('gives every request with all that it has of it, once', async () => {
      const { counts, records, rejected, again, sums, differing } = await importAll(original);

      expect(rejected).toEqual([]);
      expect(counts).toEqual({ read: 8, stored: 8, excluded: 0, outside: 0, rejected: 0 });
      expect(again).toBe(8);
      inOrder(records).forEach((record, at) => {
        const { date, url, args, status, speed, bytes } = REQUESTS[at]!;
        expect(record).toMatchObject({
          date: new Date(date),
          url: `http://shop.example${url}`,
          path: url.split('?')[0],
          status,
          speed,
          outcome: 'completed',
          blueprint: at === 4 || at === 5 ? 'shop' : null,
          remoteAddr: `192.0.2.${at + 1}`,
          xForwardedFor: hasForwarded && (at === 2 || at === 3) ? '203.0.113.9, 10.0.0.1' : null,
          authorization: at === 4,
          username: version === 2 && at === 4 ? 'ada' : null,
          method: version === 2 && isMongo ? METHODS[at] : 'UNKNOWN',
          contentLength: version === 2 && isMongo ? bytes : 0,
          weight: 1,
        });
        expectArguments(record, args, at);
        expectVariables(record, at);
        expectAgent(record, at);
        // MongoEngineStorage cannot hold the geography.
        expect(record.ipInfo?.country ?? null).toBe(hasString ? null : 'CH');
        if (!hasString)
          expect(record.ipInfo).toMatchObject({
            region: 'Zürich',
            city: 'Winterthur',
            latitude: 47.5,
          });
      });
      expectSums(sums, differing);
    });

  /** SQL cuts them at 64 characters, in the midst of the JSON. MongoEngine leaves out what is null. */
  const expectArguments = (
    { viewArgs, trackVar }: UsageRecord,
    args: object | null,
    at: number,
  ) => {
    if (isSql && at === 5) {
      expect(viewArgs).toEqual({ name: 'xx', maker_with_a_name_that_takes_long: `it's "y"` });
      const text = (trackVar!['imported'] as Record<string, string>)['view_args'];
      expect(text).toBe('{"name": "xx", "maker_with_a_name_that_takes_long": "it\'s \\"y\\""');
    } else expect(viewArgs).toEqual(hasString ? (args ?? {}) : args);
  };

  const expectVariables = ({ trackVar }: UsageRecord, at: number) => {
    const { imported, ...own } = trackVar ?? {};
    expect(own).toEqual((version === 2 && VARIABLES[at]) || {});
    if (hasString)
      expect(imported).toMatchObject({
        website: 'shop',
        apache_combined_log: expect.stringContaining(REQUESTS[at]!.url.split(/[?%]/)[0]!),
      });
    else if (!(isSql && at === 5)) expect(imported).toBeUndefined();
  };

  const expectAgent = ({ userAgent }: UsageRecord, at: number) => {
    const isChrome = [0, 1, 4, 7].includes(at);
    if (!hasString)
      return expect(userAgent).toEqual({
        ...(isChrome ? CHROME : NOBODY),
        string: null,
        kind: isChrome ? 'browser' : 'unknown',
      });
    if (isChrome)
      return expect(userAgent).toEqual({ ...CHROME, string: CHROME_STRING, kind: 'browser' });
    return expect(userAgent.browser).toBe(at === 5 ? null : 'curl');
  };

  /** The original's tables have one row a bucket, so that all requests count for the first key. */
  const expectSums = (
    sums: number,
    differing: Awaited<ReturnType<typeof importAll>>['differing'],
  ) => {
    if (kind === 'MongoEngineStorage') {
      expect(sums).toBe(45);
      expect(differing).toEqual([]);
    } else if (title === 'SQLStorage on PostgreSQL' && version === 2) {
      expect(sums).toBe(50);
      expect(differing).toContainEqual({
        dimension: 'url',
        period: 'daily',
        date: '2026-01-31 00:00:00',
        key: 'http://shop.example/',
        hits: 5,
        transfer: 24,
        counted: { hits: 1, transfer: 0 },
      });
    } else expect({ sums, differing }).toEqual({ sums: 0, differing: [] });
  };

  const name = `what ${title} of version ${version} has stored`;
  if (needs === null) describe(name, define);
  else describeWithServer(needs, name, define);
}

test('naive dates are read in the zone that is given', async () => {
  loaded = await ORIGINAL_STORAGES[0]!.load();
  const source = await FlaskSource.open({ ...loaded.options, timeZone: 'Europe/Zurich' });
  const { records } = await importInto(source);
  await source.close();

  expect(records[0]!.date).toEqual(new Date('2026-01-31T21:30:00Z'));
});

test('a source that is not there is an error that says what to check', async () => {
  await expect(FlaskSource.open({ address: '/nowhere/app.sqlite' })).rejects.toThrow(
    '--source: the SQLite file /nowhere/app.sqlite is not there.',
  );
  loaded = await ORIGINAL_STORAGES[0]!.load();
  await expect(FlaskSource.open({ ...loaded.options, table: 'usage' })).rejects.toThrow(
    '--from-table: the table usage of Flask-Track-Usage cannot be read: no such table: usage',
  );
});
