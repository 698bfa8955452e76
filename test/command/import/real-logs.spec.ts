import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { UsageRecord } from 'nestjs-track-usage';
import { afterEach, expect, test } from 'vitest';
import { LogSource, logFormat } from '../../../lib/command/import/index.js';
import { openApp } from '../../support/applications.js';
import { startNginx, type RunningNginx } from '../../support/nginx.js';
import { platforms } from '../../support/platforms.js';
import { describeWithProgram } from '../../support/programs.js';
import { runCommand } from '../run-command.js';
import { importInto, newFolder } from './support/import-into-memory.js';

const HOST = 'shop.example';
const AGENTS = [
  'curl/8.5.0',
  'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/127.0',
  'Käse/1 "x"',
];
const JSON_FORMAT =
  '{"msec":"$msec","remote_addr":"$remote_addr","request":"$request","status":$status,' +
  '"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,"scheme":"$scheme",' +
  '"http_host":"$http_host","http_referer":"$http_referer","http_user_agent":"$http_user_agent",' +
  '"http_accept_language":"$http_accept_language","http_x_forwarded_for":"$http_x_forwarded_for",' +
  '"http_authorization":"$http_authorization","remote_user":"$remote_user","hostname":"$hostname",' +
  '"http_traceparent":"$http_traceparent"}';

let proxy: RunningNginx | undefined;
afterEach(async () => {
  await proxy?.stop();
  proxy = undefined;
});

describeWithProgram(['nginx'], 'the log of a real nginx before an application', (nginx) => {
  test.each(platforms)('says what the application has tracked, on $name', async (platform) => {
    const app = await openApp(platform, { track: { mode: 'include' }, trustProxy: true });
    proxy = await startNginx(nginx, [serverTo(app.port)], LOGS);
    const { home, url } = proxy;
    for (const [at, path] of [
      '/cats',
      '/cats/7?q=%C3%A9&api_key=s3cr3t',
      '/nowhere',
      '/cats/b%C3%BCcher',
    ].entries())
      for (const agent of AGENTS)
        await (
          await fetch(url + path, {
            method: at === 2 ? 'POST' : 'GET',
            headers: {
              'user-agent': Buffer.from(agent).toString('latin1'),
              'accept-language': 'de-CH,de;q=0.9',
              referer: 'https://other.example/?token=abc',
              traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
              ...(at === 1 && {
                authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}`,
              }),
            },
          })
        ).arrayBuffer();
    const tracked = await app.records();
    await app.close();
    // nginx writes a line after the client has its answer.
    const json = join(home, 'json.log');
    while (!existsSync(json) || readFileSync(json, 'utf8').split('\n').length <= 12)
      await delay(10);

    const fromJson = await importInto(new LogSource({ files: [json] }));
    const fromText = await importInto(
      new LogSource({
        files: [join(home, 'combined.log')],
        format: logFormat('combined'),
        origin: `http://${HOST}`,
      }),
    );

    expect(fromJson.rejected).toEqual([]);
    expect(seen(fromJson.records)).toEqual(seen(tracked));
    // nginx and the application round to milliseconds by clocks of their own.
    for (const [at, { date }] of byRequest(fromJson.records).entries())
      expect(Math.abs(+date - +byRequest(tracked)[at]!.date)).toBeLessThan(5000);
    const basic = (records: readonly UsageRecord[]) =>
      seen(records).map(({ traceId: _, language: __, ...rest }) => rest);
    expect(basic(fromText.records)).toEqual(basic(tracked));
  });
});

/** What nginx has of a request. Between nginx and the application, the protocol is another. */
function seen(records: readonly UsageRecord[]) {
  return byRequest(records).map((record) => ({
    url: record.url,
    path: record.path,
    urlArgs: record.urlArgs,
    method: record.method,
    status: record.status,
    outcome: record.outcome,
    contentLength: record.contentLength,
    remoteAddr: record.remoteAddr,
    referrer: record.referrer,
    authorization: record.authorization,
    username: record.username,
    agent: { ...record.userAgent, language: null },
    language: record.userAgent.language,
    serverName: record.serverName,
    traceId: record.traceId,
  }));
}

function byRequest(records: readonly UsageRecord[]): UsageRecord[] {
  const key = ({ url, userAgent }: UsageRecord) => `${url} ${userAgent.string}`;
  return [...records].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

const LOGS = `log_format json escape=json '${JSON_FORMAT}';
  access_log json.log json;
  access_log combined.log combined;`.replace('"http_host":"$http_host"', `"http_host":"${HOST}"`);

const serverTo = (port: number) => `location / {
  proxy_pass http://127.0.0.1:${port};
  proxy_set_header Host ${HOST};
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host ${HOST};
  proxy_set_header X-Forwarded-Proto $scheme;
}`;

describeWithProgram(['goaccess'], 'what goaccess counts in a log', (goaccess) => {
  test('is what report counts: hits and bytes by URL, by status and by day', async () => {
    const cwd = newFolder();
    const paths = ['/', '/cats', '/cats/7', '/dogs?q=1', '/birds?q=2'];
    const lines = Array.from({ length: 3000 }, (_, at) => {
      const day = String(1 + (at % 7)).padStart(2, '0');
      const second = String(at % 60).padStart(2, '0');
      const status = [200, 200, 404, 500, 301][at % 5]!;
      return `192.0.2.${at % 50} - - [${day}/Nov/2026:12:00:${second} +0000] "GET ${paths[(at * 7) % 5]} HTTP/1.1" ${status} ${at % 977} "-" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/127.0"\n`;
    });
    writeFileSync(join(cwd, 'a.log'), lines.join(''));
    const output = execFileSync(
      goaccess,
      [
        'a.log',
        '--log-format=COMBINED',
        '--no-global-config',
        '-o',
        'json',
        '--all-static-files',
        '--no-query-string',
        '--http-protocol=no',
        '--http-method=no',
      ],
      {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const counted = JSON.parse(output) as Record<string, { data: any[] }>;
    const env = { TRACK_USAGE_STORAGE: 'usage.sqlite' };
    await runCommand(['import', 'a.log'], { cwd, env });
    const report = async (...args: string[]) => {
      const { stdout } = await runCommand(
        ['report', '--json', '--metrics', 'hits,transfer', ...args],
        { cwd, env },
      );
      return (JSON.parse(stdout) as { rows: Record<string, any>[] }).rows;
    };
    const figures = (rows: readonly (readonly [string, number, number])[]) =>
      Object.fromEntries(rows.map(([name, hits, bytes]) => [name, { hits, bytes }]));
    const theirs = (panel: string) =>
      figures(
        flat(counted[panel]!.data).map(({ data, hits, bytes }) => [
          String(data),
          hits.count,
          bytes.count,
        ]),
      );

    const byStatus = await report('--by', 'status');
    const days = await report('--interval', 'day', '--start', '2026-11-01', '--end', '2026-11-07');
    const byDay = figures(
      days.map(({ date, hits, transfer }) => [
        date.slice(0, 10).replaceAll('-', ''),
        hits,
        transfer,
      ]),
    );
    expect(
      figures(byStatus.map(({ status, hits, transfer }) => [String(status), hits, transfer])),
    ).toEqual(
      figures(
        Object.entries(theirs('status_codes'))
          .filter(([name]) => /^\d{3} /.test(name))
          .map(([name, { hits, bytes }]) => [name.slice(0, 3), hits, bytes]),
      ),
    );
    expect(byDay).toEqual(theirs('visitors'));
    const byUrl = await report('--by', 'url');
    expect(figures(byUrl.map(({ url, hits, transfer }) => [url, hits, transfer]))).toEqual({
      ...theirs('requests'),
      ...theirs('not_found'),
    });
  });
});

function flat(rows: readonly any[]): any[] {
  return rows.flatMap((row) => [row, ...flat(row.items ?? [])]);
}
