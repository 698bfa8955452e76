import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { Controller, Get, Logger, Req, type LoggerService } from '@nestjs/common';
import {
  MemoryStorage,
  OutputWriter,
  sumBasic,
  TrackUsage,
  TrackVar,
  type TrackVars,
  type UsageStorage,
} from 'nestjs-track-usage';
import { expect, it, vi } from 'vitest';
import { POSITIONS, requestsWithSecrets } from '../enrichment/secrets.js';
import { onPlatforms } from '../support/applications.js';

@TrackUsage()
@Controller()
class AnyController {
  @Get('reset/:token/confirm')
  confirm(@Req() request: { url: string }, @TrackVar() vars: TrackVars) {
    vars.resetToken = request.url;
    return 'confirmed';
  }
}

/** 500 request lines and referrers with a secret of its own in each, as a client may send them. */
const requests = requestsWithSecrets(Object.keys(POSITIONS).length * 16)
  .map(({ secret, changes: { url = '', referrer } }) => {
    const target = url.replace(/^[a-z]+:\/\/[^/]*/, '').split('#')[0] || '/';
    return { secret, target: target.replaceAll(' ', '%20'), referrer };
  })
  .filter(({ secret, target, referrer }) => `${target}${referrer ?? ''}`.includes(secret))
  .filter(({ target }) => !/^\/(?:reset\/(?!.*confirm)|files\/|mounted\/)/.test(target))
  .slice(0, 500);

/** Sends requests over one connection, byte for byte. */
async function send(port: number, all: typeof requests): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  for (const [at, { target, referrer }] of all.entries())
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: shop.example\r\n` +
        (referrer === undefined || referrer === null ? '' : `Referer: ${referrer}\r\n`) +
        (at === all.length - 1 ? 'Connection: close\r\n\r\n' : '\r\n'),
    );
  await new Promise((resolve, reject) => {
    socket.on('error', reject).on('close', resolve).resume();
  });
}

onPlatforms('500 requests with secrets in every position, on $name', (start) => {
  it('leave none in a queue, a storage, a log line or an event', async () => {
    expect(requests).toHaveLength(500);
    const reached: Record<string, string[]> = {
      storage: [],
      hook: [],
      printed: [],
      log: [],
      'dead letter': [],
      event: [],
      sums: [],
    };
    const note = (where: string, value: unknown) => void reached[where]!.push(String(value));
    const json = (where: string) => (value: unknown) => note(where, JSON.stringify(value));
    const output = new PassThrough();
    output.on('data', (text) => note('printed', text));
    const storage = new MemoryStorage({ hooks: [...sumBasic, json('hook')] });
    // It logs what it was given, as those do whose driver repeats the statement in its error.
    const refusing: UsageStorage = {
      name: 'refusing',
      options: { batchSize: 1, shutdownTimeout: 500, deadLetter: json('dead letter') },
      store: async (records) => {
        throw new TypeError(`cannot take ${JSON.stringify(records)}`);
      },
    };
    const { usage, port, close } = await start({
      track: {
        // Whatever was asked for, known or not.
        mode: 'include',
        storages: [storage, new OutputWriter({ output }), refusing],
      },
      controllers: [AnyController],
    });
    const line = (...given: unknown[]) => note('log', given.map(String).join(' '));
    const logger: LoggerService = {
      log: line,
      warn: line,
      error: line,
      debug: line,
      verbose: line,
    };
    Logger.overrideLogger(logger);
    usage.records$.subscribe(json('event'));
    usage.summaries$.subscribe(json('event'));
    for (let at = 0; at < requests.length; at += 50) await send(port, requests.slice(at, at + 50));
    // The refusing storage would take all the time that there is.
    void usage.flush({ timeout: 1 });
    await vi.waitFor(() => expect(usage.stats().storages['memory']?.waiting).toBe(0));

    const records = await usage.getUsage({ limit: 1000 });
    expect(records.length).toBeGreaterThan(480);
    for (const record of records) json('storage')(record);
    for (const { dimension } of sumBasic) json('sums')(await usage.getSum(dimension));
    await close();
    Logger.overrideLogger(false);

    for (const [where, texts] of Object.entries(reached)) {
      const text = texts.join('\n');
      expect(text, where).not.toBe('');
      const found = requests.filter(({ secret }) => text.includes(secret));
      expect(found, where).toEqual([]);
    }
  });
});
