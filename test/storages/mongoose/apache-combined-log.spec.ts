import { execFileSync } from 'node:child_process';
import { apacheCombinedLog } from 'nestjs-track-usage/mongoose';
import { describe, expect, it } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';

const HOSTILE = [
  '"',
  '\\',
  '\\"',
  '" 200 1 "x" "y',
  '\r\n10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /forged HTTP/1.1" 200 1 "-" "-"',
  '\u0000\u0007\u001b[31m\u007f\u0085\u2028',
  '🦄 ü',
  '[x] [y]',
  ' ',
  '%00%22',
];

function agent(string: string | null) {
  return { ...makeRecord().userAgent, string };
}

describe('A line of the combined log format', () => {
  it('has the fields in their places', () => {
    const record = makeRecord({
      date: new Date(Date.UTC(2026, 5, 1, 2, 3, 4, 567)),
      url: 'https://shop.example:8443/cats?q=a&b=[1]',
      status: 404,
      contentLength: 42,
      username: 'ada',
      referrer: 'https://example.org/?x=y',
      userAgent: agent('curl/8.5.0'),
    });
    expect(apacheCombinedLog(record)).toBe(
      '192.0.2.7 - ada [01/Jun/2026:02:03:04 +0000] "GET /cats?q=a&b=\\x5b1\\x5d HTTP/1.1" 404 42 ' +
        '"https://example.org/?x=y" "curl/8.5.0"',
    );
  });

  it('has a dash where there is nothing', () => {
    const record = makeRecord({
      url: 'http://shop.example',
      remoteAddr: null,
      contentLength: 0,
      userAgent: agent(null),
    });
    expect(apacheCombinedLog(record)).toMatch(/^- - - \[.*\] "GET \/ HTTP\/1\.1" 200 - "-" "-"$/);
  });

  it.each(HOSTILE)('lets nothing end its field: %j', (text) => {
    const line = apacheCombinedLog(
      makeRecord({
        url: `http://shop.example/${text}`,
        method: text,
        protocol: text,
        remoteAddr: text,
        username: text,
        referrer: text,
        userAgent: agent(text),
      }),
    );
    expect(line).toMatch(
      /^[!-~]+ - [!-~]+ \[15\/Jun\/2026:[\d:]{8} \+0000\] "[!#-~]+ [!#-~]+ [!#-~]+" 200 \d+ "[ !#-~]+" "[ !#-~]+"$/,
    );
    expect(line.split('"')).toHaveLength(7);
    expect(line).not.toMatch(/[^ -~]/);
  });

  it.skipIf(!hasGoaccess())('is read by goaccess, hostile values and all', () => {
    const lines = [
      ...makeRecords(20, (index) => ({ status: index % 2 ? 200 : 404, contentLength: 100 })),
      ...HOSTILE.map((text) =>
        makeRecord({
          url: `http://shop.example/hostile/${text}`,
          username: text,
          referrer: text,
          userAgent: agent(text),
          contentLength: 1,
        }),
      ),
    ].map(apacheCombinedLog);
    const report = JSON.parse(
      execFileSync('goaccess', ['-', '--log-format=COMBINED', '-o', 'json', '--no-progress'], {
        input: `${lines.join('\n')}\n`,
        encoding: 'utf8',
      }),
    );
    expect(report.general).toMatchObject({
      total_requests: lines.length,
      valid_requests: lines.length,
      failed_requests: 0,
      bandwidth: 20 * 100 + HOSTILE.length,
    });
    expect(JSON.stringify(report)).not.toContain('"/forged"');
    expect(report.hosts.data.map(({ data }: { data: string }) => data)).toEqual(['192.0.2.7']);
  });
});

function hasGoaccess(): boolean {
  try {
    execFileSync('goaccess', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
