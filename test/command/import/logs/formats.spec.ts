import type { UsageRecord } from 'nestjs-track-usage';
import { describe, expect, test } from 'vitest';
import { FORMAT_NAMES, logFormat } from '../../../../lib/command/import/index.js';
import { importLines } from '../support/import-into-memory.js';

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.61 Safari/537.36';

/** A line of each format, and what its record has. */
const LINES: {
  title: string;
  format: string;
  lines: string[];
  expected: Partial<Omit<UsageRecord, 'userAgent'>> & { agent?: string | null };
}[] = [
  {
    title: 'common',
    format: 'common',
    lines: ['192.0.2.7 - ada [29/Nov/2026:12:00:01 +0100] "GET /cats/7?q=a HTTP/1.0" 200 2326'],
    expected: {
      date: new Date('2026-11-29T11:00:01Z'),
      remoteAddr: '192.0.2.7',
      username: 'ada',
      authorization: true,
      method: 'GET',
      url: '/cats/7?q=a',
      path: '/cats/7',
      urlArgs: { q: 'a' },
      protocol: 'HTTP/1.0',
      status: 200,
      outcome: 'completed',
      contentLength: 2326,
      speed: 0,
      referrer: null,
      agent: null,
    },
  },
  {
    title: 'combined',
    format: 'combined',
    lines: [
      `2001:db8::1 - - [29/Nov/2026:12:00:01 +0000] "POST /cats HTTP/2.0" 499 0 "https://a.example/x\\x22y" "${CHROME}"`,
    ],
    expected: {
      date: new Date('2026-11-29T12:00:01Z'),
      remoteAddr: '2001:db8::1',
      username: null,
      authorization: false,
      method: 'POST',
      protocol: 'HTTP/2.0',
      status: 499,
      outcome: 'aborted',
      referrer: 'https://a.example/x"y',
      agent: CHROME,
    },
  },
  {
    title: 'combined with X-Forwarded-For',
    format: 'combined',
    lines: [
      '10.0.0.1 - - [29/Nov/2026:12:00:01 +0000] "GET /a HTTP/1.1" 304 0 "-" "curl/8.5.0" "203.0.113.9, 10.0.0.2"',
    ],
    expected: { remoteAddr: '10.0.0.1', xForwardedFor: '203.0.113.9, 10.0.0.2', status: 304 },
  },
  {
    title: 'combined with the virtual host',
    format: 'combined',
    lines: [
      'shop.example:8443 192.0.2.7 - - [29/Nov/2026:12:00:01 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8.5.0"',
    ],
    expected: { url: 'http://shop.example:8443/a', remoteAddr: '192.0.2.7' },
  },
  {
    title: 'nginx JSON',
    format: 'nginx-json',
    lines: [
      JSON.stringify({
        msec: '1796040001.500',
        remote_addr: '192.0.2.7',
        request: 'GET /b%C3%BCcher?q=%C3%A9 HTTP/1.1',
        status: '201',
        body_bytes_sent: '42',
        request_time: '0.250',
        scheme: 'https',
        http_host: 'shop.example',
        http_user_agent: CHROME,
        http_accept_language: 'de-CH,de;q=0.9',
        http_x_forwarded_for: '',
        http_traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        hostname: 'web-1',
      }),
    ],
    expected: {
      date: new Date(1796040001250),
      url: 'https://shop.example/b%C3%BCcher?q=%C3%A9',
      urlArgs: { q: 'é' },
      status: 201,
      speed: 0.25,
      contentLength: 42,
      xForwardedFor: null,
      serverName: 'web-1',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      agent: CHROME,
    },
  },
  {
    title: 'Caddy',
    format: 'caddy',
    lines: [
      JSON.stringify({
        level: 'info',
        ts: 1796040001.75,
        logger: 'http.log.access',
        msg: 'handled request',
        request: {
          remote_ip: '10.0.0.1',
          remote_port: '41342',
          client_ip: '192.0.2.7',
          proto: 'HTTP/2.0',
          method: 'DELETE',
          host: 'shop.example',
          uri: '/cats/7',
          headers: {
            'User-Agent': ['curl/8.5.0'],
            Authorization: ['REDACTED'],
            Referer: ['https://a.example/'],
          },
          tls: { version: 772 },
        },
        bytes_read: 0,
        user_id: 'ada',
        duration: 0.25,
        size: 10900,
        status: 200,
      }),
    ],
    expected: {
      date: new Date(1796040001500),
      url: 'https://shop.example/cats/7',
      method: 'DELETE',
      remoteAddr: '192.0.2.7',
      username: 'ada',
      authorization: true,
      referrer: 'https://a.example/',
      contentLength: 10_900,
      speed: 0.25,
      protocol: 'HTTP/2.0',
      agent: 'curl/8.5.0',
    },
  },
  {
    title: 'ALB',
    format: 'alb',
    lines: [
      'h2 2026-11-29T12:00:02.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://shop.example:443/cats?q=a HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Self=1-58337327-0;Root=1-58337327-72bd00b0343d75b906739c42" "shop.example" "-" 1 2026-11-29T12:00:02.015000Z "redirect" "https://shop.example:80/" "-" "10.0.0.66:9000" "200" "-" "-"',
    ],
    expected: {
      date: new Date('2026-11-29T12:00:02.015Z'),
      remoteAddr: '192.0.2.7',
      url: 'https://shop.example/cats?q=a',
      method: 'GET',
      protocol: 'HTTP/2.0',
      status: 200,
      speed: 0.171,
      contentLength: 57,
      traceId: '5833732772bd00b0343d75b906739c42',
      agent: 'curl/7.46.0',
    },
  },
  {
    title: 'ALB, where the target did not answer',
    format: 'alb',
    lines: [
      'http 2026-11-29T12:00:02.186641Z app/lb/50dc6c495c0c9188 192.0.2.7:2817 - -1 -1 -1 460 - 34 0 "GET http://shop.example:80/ HTTP/1.1" "-" - - arn:aws:x "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-29T12:00:02.180000Z "forward" "-" "-" "-" "-" "-" "-"',
    ],
    expected: {
      status: 460,
      outcome: 'aborted',
      speed: 0,
      url: 'http://shop.example/',
      agent: null,
    },
  },
  {
    title: 'CloudFront',
    format: 'cloudfront',
    lines: [
      '#Version: 1.0',
      '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields',
      [
        ...['2026-11-29', '12:00:03', 'ZRH50-C1', '392', '192.0.2.7', 'GET', 'd111.cloudfront.net'],
        ...['/view/a%20b.html', '200', 'https://a.example/', 'Mozilla/5.0%20(Windows%20NT%2010.0)'],
        ...['q=%C3%A9', '-', 'Hit', 'SOX4xwn4', 'shop.example', 'https', '23', '1.250', '-'],
        ...['TLSv1.2', 'ECDHE', 'Hit', 'HTTP/2.0', '-', '-'],
      ].join('\t'),
    ],
    expected: {
      date: new Date('2026-11-29T12:00:02Z'),
      url: 'https://shop.example/view/a%20b.html?q=%C3%A9',
      speed: 1.25,
      contentLength: 392,
      protocol: 'HTTP/2.0',
      referrer: 'https://a.example/',
      agent: 'Mozilla/5.0 (Windows NT 10.0)',
    },
  },
  {
    title: 'W3C of IIS',
    format: 'w3c',
    lines: [
      '#Software: Microsoft Internet Information Services 10.0',
      '#Version: 1.0',
      '#Date: 2026-11-29 12:00:00',
      '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken',
      '2026-11-29 12:00:03 10.0.0.1 GET /cats q=a 443 SHOP\\ada 192.0.2.7 Mozilla/5.0+(Windows+NT+10.0) - 200 0 0 1234',
    ],
    expected: {
      date: new Date('2026-11-29T12:00:02Z'),
      url: '/cats?q=a',
      username: 'SHOP\\ada',
      speed: 1.234,
      remoteAddr: '192.0.2.7',
      contentLength: 0,
      agent: 'Mozilla/5.0 (Windows NT 10.0)',
    },
  },
  {
    title: 'ingress-nginx',
    format: 'ingress-nginx',
    lines: [
      `192.0.2.7 - - [29/Nov/2026:12:00:01 +0000] "GET /cats HTTP/1.1" 200 612 "-" "${CHROME}" 386 0.042 [default-shop-80] [] 10.1.0.5:80, 10.1.0.6:80 0, 612 0.001, 0.040 502, 200 8f6b1d2e`,
    ],
    expected: { url: '/cats', contentLength: 612, speed: 0.042, agent: CHROME },
  },
  {
    title: 'Traefik',
    format: 'traefik',
    lines: [
      '192.0.2.7 - ada [29/Nov/2026:12:00:01 +0000] "GET /cats HTTP/2.0" 200 17 "-" "curl/8.5.0" 12 "shop@docker" "http://10.0.0.5:3000" 41ms',
    ],
    expected: { speed: 0.041, username: 'ada', contentLength: 17, agent: 'curl/8.5.0' },
  },
  {
    title: 'Traefik as JSON',
    format: 'traefik',
    lines: [
      JSON.stringify({
        ClientAddr: '192.0.2.7:61346',
        ClientHost: '192.0.2.7',
        ClientUsername: '-',
        DownstreamContentSize: 17,
        DownstreamStatus: 200,
        Duration: 41_250_000,
        RequestAddr: 'shop.example',
        RequestHost: 'shop.example',
        RequestMethod: 'GET',
        RequestPath: '/cats?q=a',
        RequestProtocol: 'HTTP/1.1',
        RequestScheme: 'https',
        StartUTC: '2026-11-29T12:00:01.5Z',
        'request_User-Agent': 'curl/8.5.0',
        level: 'info',
        time: '2026-11-29T12:00:02Z',
      }),
    ],
    expected: {
      date: new Date('2026-11-29T12:00:01.500Z'),
      url: 'https://shop.example/cats?q=a',
      speed: 0.04125,
      username: null,
      agent: 'curl/8.5.0',
    },
  },
  {
    title: 'Envoy',
    format: 'envoy',
    lines: [
      '[2026-11-29T12:00:01.310Z] "POST /api/v1/cats HTTP/2" 204 - 154 0 226 100 "203.0.113.9, 192.0.2.7" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "shop.example" "tcp://10.0.2.1:80"',
    ],
    expected: {
      date: new Date('2026-11-29T12:00:01.310Z'),
      url: 'http://shop.example/api/v1/cats',
      protocol: 'HTTP/2.0',
      remoteAddr: '192.0.2.7',
      xForwardedFor: '203.0.113.9, 192.0.2.7',
      speed: 0.226,
      status: 204,
      agent: 'nsq2http',
    },
  },
  {
    title: 'Envoy of Istio, where the client went away',
    format: 'envoy',
    lines: [
      '[2026-11-29T12:00:01.310Z] "GET /cats HTTP/1.1" 0 DC downstream_remote_disconnect - "-" 0 95 70 - "-" "curl/8.5.0" "1f72e1a9" "shop.example" "10.44.1.27:80" outbound|80||shop 10.44.1.23:37652 10.0.45.184:80 10.44.1.23:46520 - default',
    ],
    expected: { status: 499, outcome: 'aborted', remoteAddr: '10.44.1.23', speed: 0.07 },
  },
  {
    title: 'Envoy as JSON',
    format: 'envoy',
    lines: [
      JSON.stringify({
        start_time: '2026-11-29T12:00:01.310Z',
        method: 'GET',
        path: '/cats',
        protocol: 'HTTP/1.1',
        response_code: 200,
        response_flags: '-',
        bytes_sent: 9,
        duration: 12,
        x_forwarded_for: null,
        user_agent: 'curl/8.5.0',
        authority: 'shop.example',
        downstream_remote_address: '192.0.2.7:4711',
      }),
    ],
    expected: { remoteAddr: '192.0.2.7', speed: 0.012, contentLength: 9, outcome: 'completed' },
  },
];

describe('the record of a log line', () => {
  test.each(LINES)('$title: $expected', async ({ lines, format, expected }) => {
    for (const told of [format, undefined]) {
      const { records, rejected } = await importLines(lines, told);

      expect(rejected).toEqual([]);
      expect(records).toHaveLength(1);
      const { agent, ...fields } = expected;
      expect(records[0]).toMatchObject(fields);
      if (agent !== undefined) expect(records[0]!.userAgent.string).toBe(agent);
    }
  });

  test('every format has a line here', () => {
    expect(new Set(LINES.map(({ format }) => format))).toEqual(new Set(FORMAT_NAMES));
  });
});

describe('a log_format of nginx', () => {
  test('is read from its text', async () => {
    const { records } = await importLines(
      [
        '192.0.2.7|2026-11-29T12:00:01+01:00|https://shop.example:8443/cats?q=a|GET|200|0.1, 0.2|a b|7',
      ],
      '$remote_addr|$time_iso8601|$scheme://$http_host$request_uri|$request_method|$status|$upstream_response_time|$http_user_agent|$body_bytes_sent',
    );

    expect(records[0]).toMatchObject({
      date: new Date('2026-11-29T11:00:01Z'),
      url: 'https://shop.example:8443/cats?q=a',
      contentLength: 7,
      userAgent: { string: 'a b' },
    });
  });

  test('is read from the whole directive, in several pieces, without quotes around values', async () => {
    const { records, rejected } = await importLines(
      ['[29/Nov/2026:12:00:01 +0000] 192.0.2.7 GET /cats HTTP/1.1 200 0.001, 0.002 0.004'],
      "log_format timed '[$time_local] $remote_addr '\n  '$request $status '\n '$upstream_response_time $request_time';",
    );

    expect(rejected).toEqual([]);
    expect(records[0]).toMatchObject({ path: '/cats', status: 200, speed: 0.004 });
  });

  test('may be JSON with keys of its own', async () => {
    const { records } = await importLines(
      [
        '{"at":"2026-11-29T12:00:01+00:00","who":"192.0.2.7","what":"GET /\\"a HTTP/1.1","code":200}',
      ],
      'log_format json escape=json \'{"at":"$time_iso8601","who":"$remote_addr","what":"$request","code":$status}\';',
    );

    expect(records[0]).toMatchObject({ remoteAddr: '192.0.2.7', path: '/"a', status: 200 });
  });

  test('is refused where nobody can tell two values apart', () => {
    expect(() => logFormat('$status$body_bytes_sent $request')).toThrow(
      '$status$body_bytes_sent: expected text between two variables',
    );
  });
});

describe('a regular expression', () => {
  test('gives fields by its named groups', async () => {
    const { records } = await importLines(
      ['2026-11-29 12:00:01.5 GET /cats 200 17us 192.0.2.7'],
      String.raw`/^(?<time>\S+ \S+) (?<method>\S+) (?<path>\S+) (?<status>\d+) (?<duration_us>\d+)us (?<ip>\S+)$/`,
      { timeZone: 'Europe/Zurich' },
    );

    expect(records[0]).toMatchObject({
      date: new Date('2026-11-29T11:00:01.500Z'),
      method: 'GET',
      path: '/cats',
      speed: 0.000017,
      remoteAddr: '192.0.2.7',
    });
  });

  test.each([
    ['(?<a>x', 'Invalid regular expression'],
    ['(?<colour>x)', "expected groups named after nginx's variables"],
    ['combine', "Did you mean 'combined'?"],
  ])('%s is refused: %s', (text, message) => {
    expect(() => logFormat(text)).toThrow(message);
  });
});
