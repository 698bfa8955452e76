import { Logger, type LoggerService } from '@nestjs/common';
import { MemoryStorage, type UsageStorage } from 'nestjs-track-usage';
import { afterEach, expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

// What a server may say of a value that came with a request.
const FORGED = 'bad value\n[Nest] 1  - LOG [Auth] admin signed in\r\n\u001b[2J\u0085\u2028x\u202e';
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/;
const fail = () => {
  throw new Error(FORGED);
};

onPlatforms('On $name, a log line', (start) => {
  afterEach(() => Logger.overrideLogger(false));

  async function linesOf(write: () => void = () => {}) {
    const lines: string[] = [];
    const note = (...given: unknown[]) => {
      lines.push(...given.filter((each) => typeof each === 'string'));
      if (String(given.at(-1)).startsWith('TrackUsage')) write();
    };
    const logger: LoggerService = {
      log: note,
      warn: note,
      error: note,
      debug: note,
      verbose: note,
    };
    const failing: UsageStorage = {
      name: 'failing',
      async open(context) {
        Logger.overrideLogger(logger);
        context.logger.warn(`The server said: ${FORGED}`);
      },
      store: async () => fail(),
    };
    const app = await start({
      track: {
        storages: [new MemoryStorage({ hooks: [fail] }), failing],
        username: fail,
        shutdownTimeout: 50,
        anonymize: (record) => (record.url.endsWith('?bad') ? fail() : record),
        geoIp: { resolve: fail },
      },
    });
    const { usage } = app;
    for (const path of ['/cats', '/cats?bad', '/cats'])
      expect((await app.fetch(path)).status).toBe(200);
    while (usage.stats().storages['failing']!.retried < 3) await usage.flush({ timeout: 50 });
    await app.close();
    return lines;
  }

  it('is one line, whatever a storage, a hook or an option throws', async () => {
    const lines = await linesOf();
    const told = lines.filter((line) => line.includes('bad value'));
    for (const part of ['The server said', 'has failed', 'drops usage records', 'hook', 'Error:'])
      expect(told.some((line) => line.includes(part)) || part).toBe(true);
    for (const line of lines) {
      expect(line).not.toMatch(/\n(?! {4}at )/);
      expect(line.replace(/\n {4}at /g, '')).not.toMatch(HIDDEN);
    }
    expect(told.some((line) => line.includes('\\u000a[Nest] 1'))).toBe(true);
  });

  it('harms nobody if the logger throws', async () => {
    await linesOf(() => {
      throw new Error('no log');
    });
  });
});
