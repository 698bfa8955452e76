import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteStorage, sumRoutes, type UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  mergeRoutes,
  routeNoteName,
  serviceRoutesOf,
  textOfServiceRoutes,
} from '../../lib/storages/base/routes/route-note.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { contextOf } from '../support/storage-context.js';
import { runCommand } from './run-command.js';

const DAY = 86_400_000;
const LONG_AGO = Date.now() - 200 * DAY;

/** A route: `GET /cats`; `!` in front if it is past its sunset, `?` if it is not tracked. */
const route = (text: string) => {
  const [, mark, method, path] = /^([!?]?)(\S+) (\S+)$/.exec(text)!;
  const sunset = new Date(Date.now() - DAY);
  return {
    ...{ method: method!, path: path!, apiVersion: null, host: null, controller: 'Shop' },
    ...{ handler: path!, blueprint: 'Shop', tracked: mark !== '?', storages: null },
    deprecated: mark === '!' ? { since: null, sunset, link: null } : null,
  };
};

describe('The command routes', () => {
  const folder = temporaryFolder();
  const database = join(folder.path, 'usage.sqlite');
  const place = ['--storage', database];
  const run = (...args: string[]) => runCommand(['routes', ...args, ...place]);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as T;
  };
  const file = (name: string, content: string) => {
    const path = join(folder.path, name);
    writeFileSync(path, content);
    return path;
  };
  const store = async (work: (storage: SqliteStorage) => Promise<void>) => {
    const storage = new SqliteStorage({ database, hooks: [sumRoutes] });
    await storage.open(contextOf([sumRoutes]));
    await work(storage);
    await storage.close();
  };
  const declare = (routes: readonly string[], at: number, service: string | null = null) =>
    store((storage) =>
      storage.changeNote('routes', routeNoteName(service), (text) =>
        textOfServiceRoutes(
          mergeRoutes(serviceRoutesOf(text), {
            ...{ service, release: null, routes: routes.map(route), at },
          }),
        ),
      ),
    );
  const call = (path: string, daysAgo: number, more: Partial<UsageRecord> = {}) =>
    makeRecord({
      date: new Date(Date.now() - daysAgo * DAY),
      route: path,
      blueprint: 'Shop',
      handler: path,
      consumer: 'ada',
      ...more,
    });

  const OLD = ['GET /cats', 'GET /dogs', 'GET /quiet', 'GET /never', '!GET /over', '?GET /health'];
  let before: string;

  beforeAll(async () => {
    await declare(OLD, LONG_AGO);
    await store((storage) =>
      storage.store([
        call('/cats', 1),
        call('/dogs', 2, { consumer: 'bob' }),
        call('/dogs', 40, { consumer: 'eve' }),
        call('/quiet', 120),
        call('/over', 3),
        call('/never', 1, { method: 'OPTIONS' }),
      ]),
    );
    before = file('old.json', JSON.stringify(await json('--last', '30d')));
  });
  afterAll(() => folder.remove());

  it('lists what is declared, and what nobody calls', async () => {
    const all = await json<{ path: string; hits: number }[]>();
    expect(all.map(({ path, hits }) => [path, hits])).toEqual([
      ...[
        ['/cats', 1],
        ['/dogs', 2],
        ['/quiet', 1],
        ['/never', 0],
      ],
      ...[
        ['/over', 1],
        ['/health', 0],
      ],
    ]);
    const unused = await json<{ path: string }[]>('--unused', '90d');
    expect(unused.map(({ path }) => path)).toEqual(['/quiet', '/never']);
    const { stdout } = await run('--unused', '90d');
    expect(stdout).toMatch(/^GET \/quiet +1 .*gone quiet$/m);
    expect(stdout).toMatch(/^GET \/never +0 .*never called since \d{4}-\d\d-\d\d$/m);
    expect((await run()).stdout).toMatch(/^GET \/health .*not tracked$/m);
  });

  it('names the callers of what is deprecated', async () => {
    const deprecated = await json<object[]>('--deprecated');
    expect(deprecated).toMatchObject([
      { path: '/over', callers: [{ consumer: 'ada', hits: 1, lastSeen: expect.any(String) }] },
    ]);
    expect((await run('--deprecated')).stdout).toMatch(/GET \/over +past its sunset .* ada .* 1 /);
    expect(await json('--deprecated', '--last', '1d')).toMatchObject([{ callers: [] }]);
  });

  it('fails while somebody calls what is past its sunset', async () => {
    const { code, stdout } = await run('--fail-on', 'sunset');
    expect(code).toBe(1);
    expect(stdout).toMatch(/Past their sunset and still called:\n.*\nGET \/over .* ada /);
    expect(await run('--fail-on', 'sunset', '--last', '1d')).toMatchObject({
      code: 0,
      stdout: 'No route that is past its sunset has callers (1 looked at).\n',
    });
    const { failures } = JSON.parse((await run('--fail-on', 'sunset', '--json')).stdout);
    expect(failures).toMatchObject([{ reason: 'sunset', path: '/over' }]);
  });

  it.each([
    ['a list', 'new.json', JSON.stringify([{ service: null, method: 'GET', path: '/dogs' }])],
    [
      'an OpenAPI document',
      'openapi.json',
      JSON.stringify({ servers: [{ url: 'https://a.b/' }], paths: { '/dogs': { get: {} } } }),
    ],
    ['OpenAPI in YAML', 'openapi.yaml', 'openapi: 3.0.0\npaths:\n  /dogs:\n    get: {}\n'],
  ])('fails before a change that removes what is called, by %s', async (_, name, content) => {
    const declared = file(name, content);
    const { code, stdout } = await run('--fail-on', 'called', '--declared', declared);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Removed and still called:/);
    expect(stdout).toMatch(/^GET \/cats /m);
    expect(stdout).not.toMatch(/\/dogs|\/quiet|\/never|\/health/);
    const plain = await json<{ path: string }[]>('--declared', declared);
    expect(plain.map(({ path }) => path)).toEqual([
      ...['/cats', '/quiet', '/never', '/over', '/health'],
    ]);
  });

  it('passes a change that removes what nobody calls', async () => {
    const paths = Object.fromEntries(
      ['/cats', '/dogs', '/over'].map((path) => [path, { get: {} }]),
    );
    const declared = file('kept.json', JSON.stringify({ paths }));
    expect(await run('--fail-on', 'called', '--declared', declared)).toMatchObject({
      code: 0,
      stdout: 'No route that is removed has callers (3 looked at).\n',
    });
  });

  it('fails after a change too, by the list of before', async () => {
    const kept = OLD.filter((text) => !text.includes('dogs') && !text.includes('quiet'));
    await declare(kept, Date.now());
    const { code, stdout } = await run('--fail-on', 'called', '--removed', before);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^GET \/dogs +.* bob .* 1 /m);
    expect(stdout).not.toMatch(/eve|\/cats|\/quiet/);
    expect((await run('--fail-on', 'called', '--removed', before, '--last', '90d')).stdout).toMatch(
      / eve /,
    );
    expect(await json('--removed', before)).toMatchObject([{ path: '/dogs' }, { path: '/quiet' }]);
    const gone = file('gone.json', JSON.stringify(await json()));
    expect(await json('--removed', gone)).toEqual([]);
    await declare(OLD, LONG_AGO);
  });

  it('keeps the services of one storage apart', async () => {
    await declare(['GET /bills'], LONG_AGO, 'office');
    const openapi = file('shop.json', JSON.stringify({ paths: { '/dogs': { get: {} } } }));
    expect(await run('--declared', openapi)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--where service=/),
    });
    const list = file('office.json', JSON.stringify([]));
    expect(await json('--declared', list)).toEqual([]);
    const own = await json<{ path: string }[]>('--declared', openapi, '--where', 'service=office');
    expect(own.map(({ path }) => path)).toEqual(['/bills']);
    await store((storage) => storage.changeNote('routes', routeNoteName('office'), () => null));
  });

  it.each([
    [['--fail-on', 'all'], /--fail-on: expected sunset, called or both, but got "all"/],
    [['--fail-on', 'called'], /give --declared FILE .* or --removed FILE/],
    [['--declared', 'a.json', '--removed', 'b.json'], /either --removed or --declared/],
    [['--declared', '/nowhere.json'], /--declared: ENOENT/],
    [['--unused', 'long'], /unusedFor: expected .*'90d'/],
    [['--where', 'route=/cats'], /where.route: expected no condition on routes/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('says what is no list of routes', async () => {
    for (const [name, content, message] of [
      ['text.json', 'routes', /expected JSON in .*text\.json/],
      ['text.yaml', 'a: [', /expected YAML in .*text\.yaml/],
      ['other.json', '{"a":1}', /neither a list nor paths/],
      ['half.json', '[{"method":"GET"}]', /half\.json\[0\] to have a method and a path/],
    ] as const) {
      const { code, stderr } = await run('--declared', file(name, content));
      expect({ code, isSaid: message.test(stderr) }, stderr).toEqual({ code: 2, isSaid: true });
    }
  });
});
