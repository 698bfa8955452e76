import { connect } from 'node:net';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { GeoServer } from '../enrichment/geo-server.js';
import { appsOn } from '../support/applications.js';
import { platforms } from '../support/platforms.js';

const REQUESTS = 10_000;
const AT_ONCE = 500;

/** Sends requests over one connection, and counts the answers. */
async function answersTo(port: number, count: number, from: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (data: unknown) => (text += String(data)));
  for (let n = 0; n < count; n++) {
    const address = `8.8.${((from + n) >> 8) & 255}.${(from + n) & 255}`;
    const end = n === count - 1 ? 'Connection: close\r\n\r\n' : '\r\n';
    socket.write(
      `GET /cats HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: ${address}\r\n${end}`,
    );
  }
  await new Promise((resolve, reject) => {
    socket.on('error', reject).on('close', resolve);
  });
  return text.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
}

describe('ten thousand requests while the service of geography is silent', () => {
  const start = appsOn(platforms[0]!);

  it('are all answered before it is, and all recorded', async () => {
    // It is silent until all requests have their answers: whoever waited for it would wait for ever.
    const silent: ServerResponse[] = [];
    let isBack = false;
    const refuse = (response: ServerResponse) => response.writeHead(500).end();
    const geography = await GeoServer.start((_, response) => {
      if (isBack) refuse(response);
      else silent.push(response);
    });
    const { port, usage } = await start({
      track: { geoIp: { endpoint: geography.url, timeout: 600_000 } },
      trustProxy: true,
    });
    let answers = 0;
    for (let at = 0; at < REQUESTS; at += AT_ONCE) answers += await answersTo(port, AT_ONCE, at);
    expect(answers).toBe(REQUESTS);

    await expect.poll(() => silent.length).toBeGreaterThan(0);
    expect(usage.stats().geoIp).toMatchObject({ underWay: silent.length, failed: 0, timedOut: 0 });

    // It comes back with nothing but errors, which ends the waiting.
    isBack = true;
    silent.forEach(refuse);
    expect(await usage.flush({ timeout: 60_000 })).toBe(true);
    expect(await usage.countUsage()).toBe(REQUESTS);
    expect((await usage.getUsage({ limit: REQUESTS })).every(({ ipInfo }) => ipInfo === null)).toBe(
      true,
    );
  }, 120_000);
});
