import { NestFactory } from '@nestjs/core';
import { MemoryStorage, TrackUsageModule, TrackUsageOptionsError } from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { moduleOf } from '../support/applications.js';

class CatsController {}

async function startWith(options: unknown): Promise<unknown> {
  const track = TrackUsageModule.forRootAsync({ useFactory: () => options as object });
  try {
    const app = await NestFactory.create(moduleOf({ track }), {
      logger: false,
      abortOnError: false,
    });
    await app.close();
    return null;
  } catch (error) {
    return error;
  }
}

const storages = () => [new MemoryStorage()];
const store = async () => undefined;

describe('an option that does not fit stops the start, with an error that names it', () => {
  it.each<[string, unknown, string, string]>([
    ['an unknown mode', { mode: 'all' }, 'mode', "expected 'exclude' or 'include', but got 'all'"],
    ['an unknown option', { storage: [] }, 'storage', 'expected one of the options mode, include,'],
    ['no storage at all', { storages: [] }, 'storages', 'at least one storage'],
    ['storages that are no array', { storages: new MemoryStorage() }, 'storages', 'an array'],
    ['a storage that is none', { storages: [null] }, 'storages[0]', 'but got null'],
    ['an unnamed storage', { storages: [{ store }] }, 'storages[0].name', 'text that is not empty'],
    ['a blank name', { storages: [{ name: ' ', store }] }, 'storages[0].name', "but got ' '"],
    [
      'a storage that cannot store',
      { storages: [{ name: 'a' }] },
      'storages[0].store',
      'a function',
    ],
    [
      'two storages of one name',
      { storages: [...storages(), ...storages()] },
      'storages[1].name',
      'a name that storages[0] does not have',
    ],
    [
      "a storage's delivery option",
      { storages: [new MemoryStorage({ batchSize: 0 })] },
      'storages[0].batchSize',
      'a whole number from 1, but got 0',
    ],
    [
      'include that is no list',
      { include: CatsController },
      'include',
      'the function CatsController',
    ],
    [
      'exclude with a name',
      { exclude: ['CatsController'] },
      'exclude',
      'array of controller classes',
    ],
    [
      'one class in both lists',
      { include: [CatsController], exclude: [CatsController] },
      'exclude',
      'controllers that include does not name',
    ],
    ['an empty server name', { serverName: '' }, 'serverName', "but got ''"],
    ['username that is no function', { username: 'sub' }, 'username', "a function, but got 'sub'"],
    ['skip that is no function', { skip: true }, 'skip', 'a function, but got true'],
    ['a share of nothing', { sampleRate: 0 }, 'sampleRate', 'above 0 and at most 1, but got 0'],
    ['a share beyond all', { sampleRate: 2 }, 'sampleRate', 'but got 2'],
    ['a share that is no number', { sampleRate: Number.NaN }, 'sampleRate', 'but got NaN'],
    ['excludeBots with text', { excludeBots: 'bot' }, 'excludeBots', 'true, false or a function'],
    ['anonymize that is no function', { anonymize: {} }, 'anonymize', 'a function'],
    ['an unknown ip', { ip: 'hashed' }, 'ip', "'full' or 'masked' or 'none'"],
    ['redact with true', { redact: true }, 'redact', 'an array of names, or false'],
    ['an unknown zone', { timeZone: 'Mars/Base' }, 'timeZone', "IANA time zone such as 'UTC'"],
    ['a wrong answer to a new zone', { onTimeZoneChange: 'keep' }, 'onTimeZoneChange', "'rebuild'"],
    ['an offset for a zone', { timeZone: '+01:00' }, 'timeZone', "but got '+01:00'"],
    ['a cap of no keys', { maxKeys: -1 }, 'maxKeys', 'but got -1'],
    ['a broken batch size', { batchSize: 1.5 }, 'batchSize', 'but got 1.5'],
    ['an interval as text', { flushInterval: '1s' }, 'flushInterval', "but got '1s'"],
    ['an interval beyond timers', { flushInterval: 2 ** 31 }, 'flushInterval', 'to 2147483647'],
    ['no room at all', { maxPending: 0 }, 'maxPending', 'but got 0'],
    ['no bytes at all', { maxPendingBytes: 0 }, 'maxPendingBytes', 'but got 0'],
    ['an unknown overflow', { overflow: 'block' }, 'overflow', "'drop-oldest' or 'drop-newest'"],
    ['no time to store', { storeTimeout: 0 }, 'storeTimeout', 'but got 0'],
    ['endless shutdown', { shutdownTimeout: Infinity }, 'shutdownTimeout', 'but got Infinity'],
    ['deadLetter that is a list', { deadLetter: [] }, 'deadLetter', 'a function'],
  ])('%s', async (_, options, option, told) => {
    const error = await startWith({ storages: storages(), ...(options as object) });
    expect(error).toBeInstanceOf(TrackUsageOptionsError);
    expect(error).toMatchObject({ option });
    expect((error as Error).message).toContain(`option ${option}: expected `);
    expect((error as Error).message).toContain(told);
  });

  it.each([[null], ['include'], [[]]])('options that are no object: %j', async (options) => {
    expect(await startWith(options)).toMatchObject({ name: 'TrackUsageOptionsError' });
  });

  it('a hook that is none', async () => {
    const error = await startWith({ storages: [new MemoryStorage({ hooks: [42 as never] })] });
    expect((error as Error).message).toContain("Storage 'memory': hooks: expected functions");
  });

  it('a summary on a storage that keeps none', async () => {
    const { sumUrls } = await import('nestjs-track-usage');
    const error = await startWith({
      storages: [{ name: 'queue', store, options: { hooks: [sumUrls] } }],
    });
    expect((error as Error).message).toContain("Storage 'queue' cannot keep summaries (url)");
  });

  it('a storage that cannot be opened, after which those before it are closed', async () => {
    const closed: string[] = [];
    const error = await startWith({
      storages: [
        { name: 'one', store, close: async () => void closed.push('one') },
        { name: 'two', store, open: async () => Promise.reject(new Error('no such host')) },
      ],
    });
    expect((error as Error).message).toBe('no such host');
    expect(closed).toEqual(['one']);
  });

  it('but undefined is as good as left out', async () => {
    expect(
      await startWith({ storages: storages(), mode: undefined, batchSize: undefined }),
    ).toBeNull();
  });
});
