import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { LogSource } from '../../../../lib/command/import/index.js';
import { fileOf, importInto, importLines } from '../support/import-into-memory.js';

const line = (path: string, second = 1, status = 200) =>
  `192.0.2.7 - - [29/Nov/2026:12:00:0${second} +0000] "GET ${path} HTTP/1.1" ${status} 5 "-" "curl/8.5.0"`;
const paths = (records: readonly { path: string }[]) => records.map(({ path }) => path);

describe('what a container runtime puts before a line', () => {
  const docker = (log: string, stream = 'stdout') =>
    JSON.stringify({ log, stream, time: '2026-11-29T12:00:01.123456789Z' });
  const cri = (tag: string, text: string) => `2026-11-29T12:00:01.123456789Z stdout ${tag} ${text}`;
  const split = line('/long');

  test.each([
    ['the json-file driver', [docker(`${line('/a')}\n`)], ['/a']],
    ['its split lines', [docker(split.slice(0, 30)), docker(`${split.slice(30)}\n`)], ['/long']],
    ['CRI', [cri('F', line('/a'))], ['/a']],
    ['its split lines', [cri('P', split.slice(0, 30)), cri('F', split.slice(30))], ['/long']],
    ['docker logs -t', [`2026-11-29T12:00:01.123456789Z ${line('/a')}`], ['/a']],
    ['docker compose logs', [`proxy-1  | ${line('/a')}`, `proxy-1  | ${line('/b')}`], ['/a', '/b']],
    ['kubectl logs --prefix', [`[pod/proxy-7d9f/nginx] ${line('/a')}`], ['/a']],
  ])('is taken off: %s', async (_, lines, expected) => {
    const { records, rejected } = await importLines(lines);

    expect(rejected).toEqual([]);
    expect(paths(records)).toEqual(expected);
    const plain = await importLines(expected.map((path) => line(path)));
    expect(records).toEqual(plain.records);
  });

  test('does not change the id, and gives its time to a line that has none', async () => {
    const plain = await importLines([line('/a')]);
    const wrapped = await importLines([docker(`${line('/a')}\n`)]);
    const undated = await importLines([docker('GET /a 200\n')], '$request_method $uri $status');

    expect(wrapped.records).toEqual(plain.records);
    expect(undated.records[0]!.date).toEqual(new Date('2026-11-29T12:00:01.123Z'));
  });
});

describe('lines that cannot be read', () => {
  const bad = [
    'rubbish',
    '192.0.2.7 - - [29/Nov/2026:12:00:01 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"',
    '192.0.2.7 - - [32/Nov/2026:12:00:01 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
    '192.0.2.7 - - [29/Nov/2026:12:00:01 +0000] "GET / HTTP/1.1" abc 5 "-" "-"',
  ];

  test('are given with their place and the reason, and nothing stops at them', async () => {
    const { counts, records, rejected } = await importLines([line('/a'), ...bad, '', line('/b')]);

    expect(paths(records).sort()).toEqual(['/a', '/b']);
    expect(counts).toEqual({ read: 6, stored: 2, excluded: 0, outside: 0, rejected: 4 });
    expect(rejected.map(({ text }) => text)).toEqual(bad);
    expect(rejected.map(({ place }) => place.split(':')[1])).toEqual(['2', '3', '4', '5']);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'it has another form',
      'the client sent no HTTP request: "\\u0016\\u0003\\u0001"',
      'its time cannot be read: 32/Nov/2026:12:00:01 +0000',
      'its status is no number: abc',
    ]);
  });

  test('may stand before the first that tells the format, and formats may change', async () => {
    const json = '{"msec":"1796040003.000","request":"GET /json HTTP/1.1","status":200}';
    const { counts, records } = await importLines(['rubbish', line('/a'), json, line('/b', 5)]);

    expect(counts.rejected).toBe(1);
    expect(paths(records).sort()).toEqual(['/a', '/b', '/json']);
  });
});

describe('files', () => {
  const packed = (lines: readonly string[]) => gzipSync(lines.map((each) => `${each}\n`).join(''));

  test('are unpacked by what they hold, whatever their name, and read one after the other', async () => {
    const files = [fileOf([line('/a')]), fileOf(packed([line('/b', 2)]), 'access.log')];
    const { records } = await importInto(new LogSource({ files }));

    expect(paths(records)).toEqual(['/a', '/b']);
  });

  test('may be standard input, packed or not, with a byte order mark or Windows line ends', async () => {
    for (const bytes of [
      packed([line('/a')]),
      Buffer.from(`\ufeff${line('/a')}\r\n`),
      Buffer.from(line('/a')),
    ]) {
      const input = Readable.from([bytes.subarray(0, 1), bytes.subarray(1)], { objectMode: false });
      const { records } = await importInto(new LogSource({ files: ['-'], input }));

      expect(paths(records)).toEqual(['/a']);
    }
  });

  test('that break off are read to there, and the others all the same', async () => {
    const whole = packed(Array.from({ length: 5000 }, (_, at) => line(`/${at * 7919}`)));
    const failures: string[] = [];
    const files = [
      fileOf(whole.subarray(0, whole.length - 2000)),
      '/nowhere.log',
      fileOf([line('/b')]),
    ];
    const source = new LogSource({
      files,
      onFailure: (file, error) => failures.push(`${file}: ${(error as Error).message}`),
    });
    const { counts, records } = await importInto(source);

    expect(counts.stored).toBeGreaterThan(100);
    expect(paths(records)).toContain('/b');
    expect(failures).toEqual([
      `${files[0]}: unexpected end of file`,
      "/nowhere.log: ENOENT: no such file or directory, open '/nowhere.log'",
    ]);
  });

  test('in another packing are refused by its name', async () => {
    const file = fileOf(Buffer.from('28b52ffd00', 'hex'));

    await expect(importInto(new LogSource({ files: [file] }))).rejects.toThrow(
      `${file}: expected plain text or gzip, but it is packed by zstd. Unpack it.`,
    );
  });
});

test('bytes are read as capture reads headers: UTF-8 where they are, Latin-1 else', async () => {
  const file = fileOf(
    Buffer.concat([
      Buffer.from(line('/a').replace('curl/8.5.0', 'Käse/1 \\xc3\\xa9')),
      Buffer.from('\n'),
      Buffer.from(line('/b', 2).replace('curl/8.5.0', 'K\xe4se/1'), 'latin1'),
    ]),
  );
  const { records } = await importInto(new LogSource({ files: [file] }));

  expect(records.map(({ userAgent }) => userAgent.string)).toEqual(['Käse/1 é', 'Käse/1']);
});

test('secrets, addresses, user agents and geography are treated as in capture', async () => {
  const secret = line('/a?api_key=s3cr3t&q=1').replace('192.0.2.7', '81.2.69.142');
  const { records } = await importLines(
    [secret, line('/bot', 2).replace('curl/8.5.0', 'Googlebot/2.1')],
    undefined,
    {
      origin: 'https://shop.example',
      options: {
        enrichment: {
          ip: 'masked',
          serverName: 'api-1',
          service: 'shop',
          excludeBots: true,
          geoIp: { resolve: async (ip) => ({ country: 'GB', city: ip }) },
          anonymize: (record) => ({ ...record, trackVar: { seen: record.path } }),
        },
      },
    },
  );

  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({
    url: 'https://shop.example/a?api_key=[redacted]&q=1',
    urlArgs: { api_key: '[redacted]', q: '1' },
    remoteAddr: '81.2.69.0',
    serverName: 'api-1',
    service: 'shop',
    ipInfo: { country: 'GB', city: '81.2.69.0' },
    userAgent: { browser: 'curl', version: '8.5.0', kind: 'library' },
    trackVar: { seen: '/a' },
    weight: 1,
  });
});

test('a part of a log is imported by its dates, both included', async () => {
  const lines = [1, 2, 3, 4].map((second) => line(`/${second}`, second));
  const { counts, records } = await importLines(lines, undefined, {
    options: {
      startDate: new Date('2026-11-29T12:00:02Z'),
      endDate: new Date('2026-11-29T12:00:03Z'),
    },
  });

  expect(paths(records)).toEqual(['/2', '/3']);
  expect(counts).toMatchObject({ read: 4, stored: 2, outside: 2 });
});
