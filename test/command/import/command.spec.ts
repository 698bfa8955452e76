import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../run-command.js';
import { ORIGINAL_STORAGES } from './flask/sources.js';
import { newFolder } from './support/import-into-memory.js';

const line = (path: string, second: number, { method = 'GET', status = 200 } = {}) =>
  `192.0.2.7 - - [29/Nov/2026:12:00:${String(second).padStart(2, '0')} +0000] "${method} ${path} HTTP/1.1" ${status} 5 "-" "curl/8.5.0"\n`;

async function run(args: readonly string[], cwd: string) {
  return runCommand(args, { cwd, env: { TRACK_USAGE_STORAGE: 'usage.sqlite' } });
}

async function rows(cwd: string, ...args: string[]) {
  const { stdout } = await run(['report', '--json', ...args], cwd);
  return (JSON.parse(stdout) as { rows: Record<string, unknown>[] }).rows;
}

describe('import of access logs', () => {
  test('makes the file, counts sums, says what could not be read, and changes nothing again', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'a.log'), line('/a', 1) + 'r\xc3ubbish\n' + line('/b', 2), 'latin1');
    writeFileSync(join(cwd, 'b.log'), line('/a', 3, { status: 404 }));
    const args = ['import', 'a.log', 'b.log', '--rejected', 'bad.log'];

    const first = await run(args, cwd);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: `4 read: 3 stored, 1 not to be read.\n  ${join(cwd, 'a.log')}:2: it has another form: r�ubbish\n`,
    });
    expect(readFileSync(join(cwd, 'bad.log'), 'latin1')).toBe('r\xc3ubbish\n');
    const byPath = () => rows(cwd, '--by', 'path', '--metrics', 'hits,refused,transfer');
    const expected = [
      { path: '/a', hits: 2, refused: 1, transfer: 10 },
      { path: '/b', hits: 1, refused: 0, transfer: 5 },
    ];
    expect(await byPath()).toEqual(expected);

    await run(args, cwd);
    expect(await byPath()).toEqual(expected);
    expect((await run(['verify'], cwd)).code).toBe(0);
  });

  test('takes a part by its dates, and the routes of the application', async () => {
    const cwd = newFolder();
    const lines = [
      line('/cats/7', 1),
      line('/cats/8', 2, { method: 'DELETE' }),
      line('/x', 3),
      line('/cats', 9),
    ];
    writeFileSync(join(cwd, 'a.log'), lines.join(''));
    const listed = [
      {
        method: 'GET',
        path: '/cats/:id',
        controller: 'CatsController',
        handler: 'findOne',
        apiVersion: '1',
      },
      {
        method: 'GET',
        path: '/cats',
        controller: 'CatsController',
        handler: 'findAll',
        apiVersion: null,
      },
    ];
    const documented = {
      openapi: '3.0.0',
      paths: {
        '/cats/{id}': {
          get: { operationId: 'CatsController_findOne' },
          delete: { operationId: 'CatsController_remove' },
        },
      },
    };
    writeFileSync(join(cwd, 'routes.json'), JSON.stringify(listed));
    writeFileSync(join(cwd, 'openapi.json'), JSON.stringify(documented));
    const range = ['--start', '2026-11-29T12:00:00Z', '--end', '2026-11-29T12:00:03Z'];

    const { stdout } = await run(
      ['import', 'a.log', '--routes', 'routes.json', '--origin', 'https://shop.example', ...range],
      cwd,
    );
    await run(
      ['import', 'a.log', '--routes', 'openapi.json', '--storage', 'two.sqlite', ...range],
      cwd,
    );

    expect(stdout).toBe('4 read: 3 stored, 1 outside the range.\n');
    const { stdout: exported } = await run(['export'], cwd);
    const records = exported
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(records.at(-1)).toMatchObject({
      url: 'https://shop.example/cats/7',
      route: '/cats/:id',
      blueprint: 'CatsController',
      handler: 'findOne',
      apiVersion: '1',
      viewArgs: { id: '7' },
    });
    expect(await rows(cwd, '--by', 'route')).toEqual([
      { route: null, hits: 2 },
      { route: 'GET /cats/:id', hits: 1 },
    ]);
    expect(await rows(cwd, '--by', 'route', '--storage', 'two.sqlite')).toEqual([
      { route: 'DELETE /cats/:id', hits: 1 },
      { route: 'GET /cats/:id', hits: 1 },
      { route: null, hits: 1 },
    ]);
  });

  test("uses the application's own settings", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'a.log'), line('/a?token=abc&colour=red', 1));
    writeFileSync(
      join(cwd, 'usage.mjs'),
      `export default {
        ip: 'masked', redact: ['colour'], service: 'shop',
        client: ({ headers }) => ({ name: 'Mine', version: headers['user-agent'] }),
        anonymize: (record) => ({ ...record, referrer: 'seen' }),
      };`,
    );
    await run(['import', 'a.log', '--options', 'usage.mjs'], cwd);

    const { stdout } = await run(['export'], cwd);
    expect(JSON.parse(stdout)).toMatchObject({
      url: '/a?token=abc&colour=[redacted]',
      remoteAddr: '192.0.2.0',
      service: 'shop',
      referrer: 'seen',
      userAgent: { browser: 'Mine', version: 'curl/8.5.0', string: 'curl/8.5.0' },
    });
  });

  test.each([
    ['renamed', (file: string) => renameSync(file, `${file}.1`)],
    [
      'copied and truncated',
      (file: string) => {
        copyFileSync(file, `${file}.1`);
        truncateSync(file);
      },
    ],
  ])('follows a log that is %s', async (_, rotate) => {
    const cwd = newFolder();
    const file = join(cwd, 'a.log');
    writeFileSync(file, line('/1', 1));
    const stop = new AbortController();
    const seen = async (count: number) => {
      for (;;) {
        const { stdout } = await run(['report', '--json'], cwd);
        const report = JSON.parse(stdout || '{}') as { totals?: { hits: number } };
        if (report.totals?.hits === count) return;
      }
    };
    const running = runCommand(['import', 'a.log', '--follow'], {
      cwd,
      env: { TRACK_USAGE_STORAGE: 'usage.sqlite' },
      signal: stop.signal,
    });
    await seen(1);
    appendFileSync(file, line('/2', 2).slice(0, 40));
    appendFileSync(file, line('/2', 2).slice(40));
    await seen(2);
    rotate(file);
    // Whoever writes makes the new file when it is told of the rotation.
    appendFileSync(file, line('/3', 3));
    await seen(3);
    stop.abort();

    expect(await running).toMatchObject({ code: 0, stdout: '3 read: 3 stored.\n' });
  });

  test.each([
    [['import'], 2, 'import takes FILE…'],
    [['import', 'a.log', '--format', 'combine'], 2, "Did you mean 'combined'?"],
    [['import', 'a.log', '--source', 'x'], 2, '--source belongs to --from flask-track-usage'],
    [['import', '--from', 'flask-track-usage'], 2, 'give --source ADDRESS'],
    [['import', 'a.log', '--from', 'two.sqlite'], 2, 'Give either FILE… or --from'],
    [['import', 'a.log', '--origin', 'shop'], 2, '--origin: expected a scheme and a host'],
    [['import', 'a.log', '--source-time-zone', 'Zurich'], 2, "Did you mean 'Europe/Zurich'?"],
    [['import', 'a.log', '--routes', 'none.json'], 2, '--routes: ENOENT'],
    [['import', '--from', 'two.sqlite'], 3, 'two.sqlite is not there'],
  ])('%j ends with %i: %s', async (args, code, message) => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'a.log'), line('/1', 1));
    const result = await run(args, cwd);

    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  test('ends with 3 where a file is missing or nothing has a known form', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'bad.log'), 'a\nb\n');
    const bad = await run(['import', 'bad.log'], cwd);
    const missing = await run(['import', 'none.log'], cwd);

    expect(bad.code).toBe(3);
    expect(bad.stdout).toContain('No line has a form that is known. Name it by --format.');
    expect(missing.code).toBe(3);
    expect(missing.stdout).toContain('Not read to its end');
  });
});

test('import of Flask-Track-Usage stores its records and shows it', async () => {
  const cwd = newFolder();
  const original = ORIGINAL_STORAGES.find(({ needs, version }) => needs === null && version === 2)!;
  const { options } = await original.load();
  const { code, stdout } = await run(
    ['import', '--from', 'flask-track-usage', '--source', options.address],
    cwd,
  );

  expect(code).toBe(0);
  expect(stdout).toBe('8 read: 8 stored.\n');
  expect(await rows(cwd, '--by', 'blueprint')).toEqual([
    { blueprint: null, hits: 6 },
    { blueprint: 'shop', hits: 2 },
  ]);
});
