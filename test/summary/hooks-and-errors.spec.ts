import { NestFactory } from '@nestjs/core';
import {
  MemoryStorage,
  sumBasic,
  summary,
  SummaryNotKeptError,
  sumRoutes,
  sumUrls,
  UsageService,
  type SummaryHook,
  type UsageHook,
  type UsageStorage,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { moduleOf } from '../support/applications.js';

const contextWith = (storage: UsageStorage) =>
  NestFactory.createApplicationContext(moduleOf({ track: { storages: [storage] } }), {
    logger: false,
    abortOnError: false,
  });

/** The summaries that a storage is asked to keep. */
async function summariesOf(hooks: UsageHook[]): Promise<readonly SummaryHook[]> {
  const storage = new MemoryStorage({ hooks });
  let asked: readonly SummaryHook[] = [];
  const app = await contextWith({
    name: storage.name,
    options: storage.options,
    store: (records) => storage.store(records),
    getSum: (dimension, query) => storage.getSum(dimension, query),
    open: async (context) => void (asked = context.summaries),
  });
  await app.close();
  return asked;
}

describe('The summaries among hooks', () => {
  it('are found in groups too, in order, and each once', async () => {
    const tenant = summary('tenant', () => 'a');
    const hooks = [sumRoutes, () => {}, [sumBasic, [tenant]], sumUrls, { onRecord: () => {} }];
    expect(await summariesOf(hooks)).toEqual([sumRoutes, ...sumBasic, tenant]);
    expect(await summariesOf([])).toEqual([]);
  });

  it('cannot be two of one name', async () => {
    const mine = summary('url', (record) => record.path);
    await expect(summariesOf([sumBasic, mine])).rejects.toThrow(
      /two different summaries are named 'url'/,
    );
  });

  it.each(['', '__proto__', 'a b', 'ä', '1st', 'a'.repeat(65), null, 7])(
    'cannot be named %j',
    (name) => {
      expect(() => summary(name as string, () => 'a')).toThrow(/expected a dimension's name/);
    },
  );

  it('need a function for the key', () => {
    expect(() => summary('tenant', 'acme' as never)).toThrow(
      /summary\('tenant'\): expected a function .* but got string/,
    );
  });
});

describe('What getSum is asked for', () => {
  const getSum = async (dimension: unknown) => {
    const tenant = summary('tenant', () => 'a');
    const app = await contextWith(new MemoryStorage({ hooks: [sumUrls, tenant] }));
    try {
      return await app.get(UsageService).getSum(dimension as string);
    } finally {
      await app.close();
    }
  };

  it('is a hook or its name', async () => {
    const nothing = { hour: [], day: [], month: [] };
    expect(await getSum(sumUrls)).toMatchObject(nothing);
    expect(await getSum('tenant')).toMatchObject(nothing);
  });

  it.each([[sumBasic], [undefined], [{ dimension: 'url' }], [() => 'url']])(
    'is not %o',
    async (dimension) => {
      await expect(getSum(dimension)).rejects.toThrow(/expected a summary's hook or its name/);
    },
  );

  it('is not a group, which has members to ask for', async () => {
    await expect(getSum(sumBasic)).rejects.toThrow(/one summary of the group at a time/);
  });
});

describe('A summary that is not kept', () => {
  it('is told with what is kept and the hook to add', () => {
    const error = new SummaryNotKeptError('url', ['route', 'status'], 'sql');
    expect(error.message).toBe(
      "Storage 'sql' keeps no summary 'url' (it keeps only 'route', 'status'). " +
        'Add its hook to the storage: hooks: [sumUrls].',
    );
    expect(error).toMatchObject({ dimension: 'url', kept: ['route', 'status'], storage: 'sql' });
  });

  it.each([
    ['routes', "Did you mean getSum('route')?"],
    ['sumRoutes', "Did you mean getSum('route')?"],
    ['Tenants', "Did you mean getSum('tenant')?"],
    ['urls', "Did you mean getSum('url')? Add its hook to the storage: hooks: [sumUrls]."],
    ['sumStatuses', "Did you mean getSum('status')? Add its hook"],
  ])('says which summary was meant by %s', (dimension, advice) => {
    const { message } = new SummaryNotKeptError(dimension, ['route', 'tenant'], 'sql');
    expect(message).toContain(advice);
    expect(message).not.toContain('summary(');
  });

  it.each([
    ['userAgent', 'hooks: [sumUserAgents]'],
    ['geo', 'hooks: [sumGeo]'],
    ['tenant', "hooks: [summary('tenant', (record) => …)]"],
    ['__proto__', "hooks: [summary('__proto__', (record) => …)]"],
  ])('%s needs %s', (dimension, hook) => {
    expect(new SummaryNotKeptError(dimension, []).message).toContain(hook);
    expect(new SummaryNotKeptError(dimension, []).message).toContain('keeps no summary)');
  });
});
