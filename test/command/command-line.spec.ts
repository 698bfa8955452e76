import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/command/commands/index.js';
import { parseDate } from '../../lib/command/options/parse-date.js';
import { parseWhereFlags } from '../../lib/command/options/parse-where.js';
import { sqlite } from '../faults/databases.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { fillPlace, type FilledPlace } from './places.js';
import { runCommand } from './run-command.js';

describe('A command line', () => {
  const folder = temporaryFolder();
  let place: FilledPlace;
  beforeAll(async () => {
    place = await fillPlace(sqlite);
  });
  afterAll(async () => {
    await place.remove();
    folder.remove();
  });

  it('prints help, with an example, for every command', async () => {
    const general = await runCommand(['--help']);
    expect(general).toMatchObject({ code: 0, stderr: '' });
    for (const { name, flags, examples } of COMMANDS) {
      expect(general.stdout).toContain(`\n  ${name} `);
      for (const asked of [
        [name, '--help'],
        ['help', name],
        [name, '-h', '--nonsense'],
      ]) {
        const { code, stdout } = await runCommand(asked);
        expect(code).toBe(0);
        expect(stdout).toContain(`npx nestjs-track-usage ${examples[0]}\n`);
        for (const flag of Object.keys(flags)) expect(stdout).toContain(`--${flag}`);
      }
    }
  });

  it.each([
    [[], /Usage/],
    [['reprot'], /no command "reprot". Did you mean report\?/],
    [['report'], /--storage/],
    [['report', '--metric', 'hits'], /no flag --metric. Did you mean --metrics\?/],
    [['report', '--metrics'], /--metrics needs a value/],
    [['report', '--metrics', '--json'], /--metrics needs a value/],
    [['report', '--json=yes'], /--json takes no value/],
    [['report', '--last', '7d', '--last', '8d'], /--last may be given once/],
    [['report', 'route'], /takes flags alone, but got "route"/],
    [['report', '-x'], /no flag -x/],
    [['report', '--json', '--csv'], /either --json or --csv/],
    [['export', '--format', 'xml'], /--format: expected ndjson, csv or parquet/],
    [['prune', '--yes'], /prune needs an age/],
    [['prune', '--records', '90'], /--records: expected an age/],
    [['forget', '--yes'], /needs one of --username/],
    [['forget', '--username', 'ada', '--consumer', 'shop'], /got username and consumer/],
    [['delete', '--yes'], /delete needs a filter/],
    [['report', '--storage', 'ftp://here/'], /but got one that begins with ftp:\/\//],
    [['report', '--storage', 'redis://h', '--collection', 'x'], /--collection does not belong/],
    [['report', '--options', 'nowhere.mjs'], /--options: .*nowhere\.mjs could not be loaded/],
  ] as const)('refuses %j with 2', async (args, message) => {
    const named = args.length > 1 && !args.includes('--storage' as never) ? place.flags : [];
    const { code, stdout, stderr } = await runCommand([...args, ...named]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each([
    [['--metrics', 'hit'], /did you mean hits\?/],
    [['--by', 'rout'], /did you mean route\?/],
    [['--where', 'statsu=1'], /did you mean status\?/],
    [['--where', 'status'], /expected FIELD=VALUE/],
    [['--where', 'status>=high'], /expected a number, but got "high"/],
    [['--where', 'status>'], /no value to compare with/],
    [['--where', 'status>1', '--where', 'status>2'], /given twice/],
    [['--start', '2026-02-30'], /--start: expected a date/],
    [['--start', '2026-11-02', '--end', '2026-11-01'], /startDate/],
    [['--last', '7 days'], /last: expected/],
    [['--last', '7d', '--start', '2026-11-01'], /either --last, or/],
    [['--limit', '0'], /--limit: expected a whole number from 1/],
    [['--interval', 'year'], /--interval: expected minute/],
    [['--compare', 'previous'], /compare/],
    [['--time-zone', 'Berlin'], /Did you mean 'Europe\/Berlin'/],
    [['--time-zone', 'Asia/Tokyo'], /cut in 'Europe\/Berlin'/],
  ] as const)('refuses a report with %j with 2', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(['report', ...args, ...place.flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('takes the storage from the environment, and a flag before it', async () => {
    const [, address, ...names] = place.flags;
    const env = { TRACK_USAGE_STORAGE: address! };
    expect((await runCommand(['report', ...names], { env })).code).toBe(0);
    const flag = ['--storage', `${folder.path}/none.sqlite`];
    expect((await runCommand(['report', ...flag], { env })).code).toBe(3);
  });

  it('makes no SQLite file', async () => {
    const path = `${folder.path}/none.sqlite`;
    for (const { name } of COMMANDS.filter((each) => each.name !== 'import')) {
      const more = {
        forget: ['--username', 'a'],
        prune: ['--records', '1d'],
        delete: ['--last', '1d'],
      };
      const args = more[name as keyof typeof more] ?? [];
      const { code, stderr } = await runCommand([name, ...args, '--storage', path]);
      expect({ name, code }).toEqual({ name, code: 3 });
      expect(stderr).toContain(`The SQLite file ${path} is not there.`);
    }
    expect(existsSync(path)).toBe(false);
  });

  it('names no password, whoever writes the message', async () => {
    const secret = 's3cr3t/p%40ss'.replace('/', '%2F');
    for (const address of [
      `postgres://ada:${secret}@127.0.0.1:9/shop`,
      `mysql://ada:${secret}@127.0.0.1:9/shop`,
      `mongodb://ada:${secret}@127.0.0.1:9/shop?serverSelectionTimeoutMS=50`,
      `redis://ada:${secret}@127.0.0.1:9`,
      `http://ada:${secret}@127.0.0.1:9/usage`,
      `postgres://127.0.0.1:9/shop?user=ada&password=${secret}`,
      `clickhouse://ada:${secret}@127.0.0.1:9/usage`,
      `ftp://ada:${secret}@127.0.0.1/`,
    ]) {
      const { code, stdout, stderr } = await runCommand(['report', '--storage', address]);
      expect(code).toBeGreaterThanOrEqual(2);
      for (const shown of [secret, decodeURIComponent(secret), 's3cr3t'])
        expect(stdout + stderr).not.toContain(shown);
      expect(stderr).not.toBe('');
    }
  });

  it('escapes what a terminal would interpret', async () => {
    const { makeRecord } = await import('nestjs-track-usage/testing');
    const evil = '\u001b[31mred\u0007\u009b2J';
    const hostile = await fillPlace(sqlite, [
      makeRecord({ url: `http://h/${evil}`, path: `/${evil}`, route: `/${evil}`, consumer: evil }),
      makeRecord({ consumer: '=cmd|calc' }),
    ]);
    const commands = [
      'report --by route,consumer',
      'report --by consumer --csv',
      'tail',
      'tail --json',
    ];
    for (const line of [...commands, 'export', 'export --format csv', 'top --last 520w']) {
      const { stdout } = await runCommand([...line.split(' '), ...hostile.flags]);
      expect(stdout).not.toBe('');
      // eslint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/);
    }
    const { stdout } = await runCommand(['report', '--by', 'consumer', '--csv', ...hostile.flags]);
    expect(stdout).toContain("'=cmd|calc,1");
    await hostile.remove();
  });
});

describe('--where', () => {
  it.each([
    [['status=404'], { status: { in: [404] } }],
    [['status=404', 'status=500'], { status: { in: [404, 500] } }],
    [['status>=500', 'status<600'], { status: { gte: 500, lt: 600 } }],
    [['speed>0.5', 'speed<=1e1'], { speed: { gt: 0.5, lte: 10 } }],
    [['username='], { username: { in: [null] } }],
    [['username!='], { username: { notIn: [null] } }],
    [['username!=ada'], { username: { notIn: ['ada'] } }],
    [['path^=/cats', 'path*=9'], { path: { startsWith: '/cats', contains: '9' } }],
    [['authorization=true'], { authorization: { in: [true] } }],
    [['trackVar.plan=pro'], { 'trackVar.plan': { in: ['pro'] } }],
    [['trackVar.seats>5'], { 'trackVar.seats': { gt: 5 } }],
    [['trackVar.zip=01234'], { 'trackVar.zip': { in: ['01234'] } }],
    [['url*=a=b'], { url: { contains: 'a=b' } }],
    [['route=GET /cats/:id'], { route: { in: ['GET /cats/:id'] } }],
    [['date>2026-11-01T12:00:00Z'], { date: { gt: new Date('2026-11-01T12:00:00Z') } }],
  ])('reads %j', (given, wanted) => {
    expect(parseWhereFlags(given)).toEqual(wanted);
  });
});

describe('A date on the command line', () => {
  it.each([
    ['2026-11-01', false, '2026-10-31T23:00:00.000Z'],
    ['2026-11-01', true, '2026-11-01T22:59:59.999Z'],
    ['2026-10', false, '2026-09-30T22:00:00.000Z'],
    ['2026-10', true, '2026-10-31T22:59:59.999Z'],
    ['2026-11-01T12:00', false, '2026-11-01T11:00:00.000Z'],
    ['2026-11-01 12:00:30.5', true, '2026-11-01T11:00:30.500Z'],
    ['2026-11-01T12:00:00Z', false, '2026-11-01T12:00:00.000Z'],
    ['2026-11-01T12:00+0530', true, '2026-11-01T06:30:00.000Z'],
    // The clock goes from 2:00 to 3:00.
    ['2026-03-29T02:30', false, '2026-03-29T01:00:00.000Z'],
  ])('reads %s by the clock of the sums', (given, isEnd, wanted) => {
    const read = parseDate('--start', given, 'Europe/Berlin', isEnd).toISOString();
    expect(read).toBe(wanted);
  });
});
