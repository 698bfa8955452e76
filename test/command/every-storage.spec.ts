import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  clickhouse,
  couchdb,
  createStorage,
  mariadb,
  mongodb,
  mysql,
  newPlace,
  postgres,
  redis,
  sqlite,
} from '../faults/databases.js';
import { server } from '../support/servers.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { contextOf } from '../support/storage-context.js';
import { fillPlace, flagsOf, fromFlagsOf, HOOKS, OWN_HOOK, type FilledPlace } from './places.js';
import { runCommand } from './run-command.js';

const DATABASES = [sqlite, postgres, mariadb, mysql, mongodb, redis, couchdb, clickhouse].filter(
  (database) => database.server === undefined || server(database.server) !== undefined,
);
/** How long a command may take on a busy machine until it prints. */
const WAIT = { timeout: 60_000, interval: 20 };
const OPTIONS = ['--options', fileURLToPath(new URL('./options.ts', import.meta.url))];

// ClickHouse alters its tables in steps, each of which takes its time on a busy machine.
describe.each(DATABASES)('on $name', { timeout: 120_000 }, (database) => {
  const folder = temporaryFolder();
  let place: FilledPlace;
  const run = (...args: string[]) => runCommand([...args, ...place.flags]);
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  beforeAll(async () => {
    place = await fillPlace(database);
  });
  afterAll(async () => {
    await place.remove();
    folder.remove();
  });

  it('reports by groups, in the zone that the storage remembers', async () => {
    const report = await json(
      ...['report', '--by', 'route', '--metrics', 'hits,errors,max', '--interval', 'month'],
      ...['--start', '2026-09-01', '--end', '2026-10-31'],
    );
    const rows = report['rows'] as { route: string; date: string; hits: number }[];
    // By Berlin's clock, October begins at 22:00 in UTC: 24 of the 72 hours lie in September.
    const cats = rows.filter(({ route }) => route === 'GET /cats');
    expect(cats.map(({ date, hits }) => [date, hits])).toEqual([
      ['2026-08-31T22:00:00.000Z', 8],
      ['2026-09-30T22:00:00.000Z', 16],
    ]);
    expect(report['totals']).toMatchObject({ hits: 72, errors: 8 });
  });

  it('reports by a summary of the application, and by what only records tell', async () => {
    const own = await json('report', '--by', 'plan');
    expect(own['rows']).toEqual([
      { plan: 'free', hits: 36 },
      { plan: 'pro', hits: 36 },
    ]);
    const few = await json('report', '--where', 'status>=500', '--where', 'username=ada');
    expect(few['totals']).toEqual({ hits: 8 });
    const none = await json('report', '--where', 'username=');
    expect(none['totals']).toEqual({ hits: 24 });
  });

  it('prints a table and CSV', async () => {
    const table = await run('report', '--by', 'status', '--limit', '1');
    expect(
      table.stdout
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trimEnd()),
    ).toEqual(['status  hits', '200       55', '2 more    17', 'in all    72']);
    const csv = await run('report', '--by', 'status', '--csv');
    expect(csv.stdout).toBe('status,hits\r\n200,55\r\n404,9\r\n500,8\r\n');
  });

  it('shows what goes on, and the latest records', async () => {
    const top = await json('top', '--last', '520w');
    expect(top['totals']).toMatchObject({ hits: 72 });
    expect((top['errors'] as unknown[]).length).toBeGreaterThan(0);
    const { stdout } = await run('tail', '--limit', '2', '--json', '--where', 'route=/cats');
    const latest = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    const cats = place.records.filter(({ route }) => route === '/cats');
    expect(latest.map(({ id }) => id)).toEqual(cats.slice(-2).map(({ id }) => id));
  });

  it('exports records that are deeply equal', async () => {
    const { stdout } = await run('export', '--where', 'status=500');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const wanted = place.records.filter(({ status }) => status === 500).toReversed();
    expect(lines).toEqual(JSON.parse(JSON.stringify(wanted)));
    const path = `${folder.path}/usage.csv`;
    const { code } = await run('export', '--format', 'csv', '--output', path);
    expect(code).toBe(0);
    expect(readFileSync(path, 'utf8').split('\r\n')).toHaveLength(74);
    rmSync(path);
  });

  it('verifies what it knows, and names what it does not', async () => {
    const { summaries, unverified, differences } = await json('verify');
    expect({ unverified, differences }).toEqual({ unverified: ['plan'], differences: [] });
    expect(summaries).toContain('consumer:route');
    const all = await json('verify', ...OPTIONS);
    expect(all).toMatchObject({ unverified: [], differences: [] });
    expect(all['summaries']).toContain('plan');
  });

  it('looks the storage over, and finds nothing wrong', async () => {
    const { facts, findings } = await json('doctor');
    expect(findings).toEqual([]);
    expect(facts).toMatchObject({
      format: 2,
      timeZone: 'Europe/Berlin',
      records: 72,
      unverifiedHours: 0,
      oldest: place.records[0]!.date.toISOString(),
      newest: place.records.at(-1)!.date.toISOString(),
    });
    expect((facts as { sums: unknown[] }).sums).toContainEqual({
      summary: 'plan',
      rows: expect.any(Number) as number,
      state: 'own',
    });
  });

  it('has nothing to migrate where the application has run', async () => {
    expect(await json('migrate', '--status')).toEqual({ pending: [], done: [] });
  });

  it('refuses to delete without a filter, and without a yes', async () => {
    expect(await run('delete', ...OPTIONS)).toMatchObject({ code: 2, stdout: '' });
    const asked = await run('delete', '--where', 'status=404', ...OPTIONS);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') as string });
    expect(await json('delete', '--where', 'status=404', '--dry-run')).toEqual({
      records: 9,
      dryRun: true,
    });
  });

  it('deletes what a filter chooses, and cuts the sums anew', async () => {
    const chosen = ['--where', 'status=404', '--start', '2026-10-01'];
    const deleted = await json('delete', ...chosen, '--yes', ...OPTIONS);
    const left = place.records.filter(
      ({ status, date }) => status !== 404 || date < new Date('2026-09-30T22:00:00Z'),
    );
    expect(deleted).toEqual({ records: 72 - left.length, dryRun: false });
    expect(await json('verify', ...OPTIONS)).toMatchObject({ differences: [] });
    expect((await json('report'))['totals']).toEqual({ hits: left.length });
  });

  it('forgets a person in records and sums', async () => {
    const wanted = await json('forget', '--username', 'bob', '--dry-run');
    const deleted = await json('forget', '--username', 'bob', '--yes', ...OPTIONS);
    expect(deleted).toEqual({ ...wanted, dryRun: false });
    expect((await json('report', '--where', 'username=bob'))['totals']).toEqual({ hits: 0 });
    expect(await json('verify', ...OPTIONS)).toMatchObject({ differences: [] });
  });

  it('rebuilds sums', async () => {
    const rebuilt = await json('rebuild', ...OPTIONS);
    expect(rebuilt['summaries']).toContain('plan');
    expect(await json('verify', ...OPTIONS)).toMatchObject({ differences: [] });
  });

  it('prunes what is old, after it has said what that would be', async () => {
    const wanted = await json('prune', '--records', '1s', '--hour', '1s', '--dry-run');
    const deleted = await json('prune', '--records', '1s', '--hour', '1s', '--yes');
    expect(deleted).toEqual({ ...wanted, dryRun: false });
    expect(deleted['records']).toBeGreaterThan(0);
    expect(deleted['hour']).toBeGreaterThan(0);
    const { stdout } = await run('export');
    expect(stdout).toBe('');
  });

  it('imports, but nothing that its own sums would lack', async () => {
    // Newer than what was pruned: `29 Nov 2026 12:00:00`.
    const [, day, month, year, time] = new Date().toUTCString().split(' ');
    const line = (address: string) =>
      `${address} - - [${day}/${month}/${year}:${time} +0000] "GET /cats HTTP/1.1" 200 5 "-" "curl/8"\n`;
    const [one, other] = [line('192.0.2.7'), line('192.0.2.8')];
    writeFileSync(`${folder.path}/a.log`, one + other + other);
    const args = ['import', `${folder.path}/a.log`];
    const refused = await run(...args);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain("import would leave the sums 'plan' untrue");
    expect(await json(...args, ...OPTIONS)).toMatchObject({ read: 3, stored: 3 });
    expect(await json(...args, ...OPTIONS)).toMatchObject({ read: 3, stored: 3 });
    expect((await json('report', '--where', 'url=/cats'))['totals']).toEqual({ hits: 3 });
    expect(await json('verify', ...OPTIONS)).toMatchObject({ differences: [] });
  });

  it('serves the dashboard', async () => {
    const ended = new AbortController();
    const args = ['serve', '--port', '0', ...place.flags];
    let printed = '';
    const onOutput = (text: string) => (printed += text);
    const running = runCommand(args, { signal: ended.signal, onOutput });
    const address = await vi.waitUntil(() => /http:\S+/.exec(printed)?.[0], WAIT);
    const report = await fetch(`${address}report.json?metrics=hits&last=520w`);
    // The sums know of those whose records are pruned.
    const { totals } = await json('report');
    expect(totals).toEqual({ hits: expect.any(Number) as number });
    expect((totals as { hits: number }).hits).toBeGreaterThan(3);
    expect(await report.json()).toMatchObject({ totals });
    expect((await fetch(address)).status).toBe(200);
    ended.abort();
    expect((await running).code).toBe(0);
  });

  it('follows what is stored, each record once', async () => {
    const storage = createStorage(place.recipe, { hooks: HOOKS });
    await storage.open!(contextOf(HOOKS, { timeZone: 'Europe/Berlin' }));
    const ended = new AbortController();
    let printed = '';
    const ids = () =>
      printed
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { id: string }).id);
    const args = ['tail', '--follow', '--json', '--limit', '2', '--where', 'method=GET'];
    const running = runCommand([...args, ...place.flags], {
      signal: ended.signal,
      onOutput: (text) => (printed += text),
    });
    await vi.waitUntil(() => ids().length === 2, WAIT);
    const stored: string[] = [];
    // Some are of one instant, and some are stored after others that came later.
    for (const [at, ago] of [0, 0, 5000, 0, 3000].entries()) {
      const date = new Date(Date.now() - ago);
      const records = Array.from({ length: 20 }, () => makeRecord({ date, method: 'GET' }));
      await storage.store([...records, makeRecord({ date, method: 'POST' })]);
      stored.push(...records.map(({ id }) => id));
      // Half of them come between two looks of the command.
      if (at % 2 === 1) await vi.waitUntil(() => ids().length === 2 + stored.length, WAIT);
    }
    await vi.waitUntil(() => ids().length === 2 + stored.length, WAIT);
    ended.abort();
    expect((await running).code).toBe(0);
    await storage.close!();
    expect(ids().slice(2).sort()).toEqual(stored.sort());
  });
});

describe.each(DATABASES)('a new place on $name', { timeout: 120_000 }, (database) => {
  const folder = temporaryFolder();
  const url = database.server === undefined ? '' : server(database.server)!;
  const newOne = newPlace();
  const { options } = database.recipe(url, newOne);
  const flags = flagsOf(options);
  let source: FilledPlace;
  beforeAll(async () => {
    source = await fillPlace(
      sqlite,
      undefined,
      HOOKS.filter((hook) => hook !== OWN_HOOK),
    );
  });
  afterAll(async () => {
    await source.remove();
    await database.remove(url, newOne);
    folder.remove();
  });
  const exported = async (of: readonly string[]) => (await runCommand(['export', ...of])).stdout;

  // ClickHouse makes its tables when the application starts, and Redis has nothing to make.
  const hasSteps = database !== redis && database !== clickhouse;
  it.skipIf(!hasSteps)('is made by migrate', async () => {
    // No command but `import` makes a file.
    if (database === sqlite) writeFileSync(String(options['database']), '');
    const pending = async () => {
      const { stdout } = await runCommand(['migrate', '--status', '--json', ...flags]);
      return (JSON.parse(stdout) as { pending: string[] }).pending;
    };
    expect(await pending()).not.toEqual([]);
    expect(await runCommand(['migrate', ...flags])).toMatchObject({ code: 0, stderr: '' });
    expect(await pending()).toEqual([]);
    expect(await runCommand(['doctor', ...flags])).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes all of another storage, again without a change, and gives it back', async () => {
    const args = ['import', ...fromFlagsOf(source.flags), ...flags];
    const first = await runCommand(args);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^72 read: 72 stored\.\nTo switch over without a gap: /);
    expect((await runCommand(args)).code).toBe(0);
    const wanted = await exported(source.flags);
    expect(wanted.split('\n')).toHaveLength(source.records.length + 1);
    expect(await exported(flags)).toBe(wanted);
    expect(await runCommand(['verify', ...flags])).toMatchObject({ code: 0, stderr: '' });
    const byRoute = async (of: readonly string[]) =>
      (await runCommand(['report', '--by', 'route', '--csv', ...of])).stdout;
    expect(await byRoute(flags)).toBe(await byRoute(source.flags));

    const back = ['--storage', `${folder.path}/back.sqlite`];
    expect(await runCommand(['import', ...fromFlagsOf(flags), ...back])).toMatchObject({ code: 0 });
    expect(await exported(back)).toBe(wanted);
    const file = `${folder.path}/all.ndjson`;
    await runCommand(['export', '--output', file, ...flags]);
    const again = ['--storage', `${folder.path}/again.sqlite`];
    expect(await runCommand(['import', file, ...again])).toMatchObject({ code: 0 });
    expect(await exported(again)).toBe(wanted);
  });
});
