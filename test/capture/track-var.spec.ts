import {
  Controller,
  Get,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
} from '@nestjs/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyTrackVars } from '../../lib/capture/http/request-recorder.js';
import { TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';
import { readResponse, requestText } from './support/http-text.js';
import { ADAPTERS } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

@Controller('vars')
class Vars {
  @TrackUsage() @Get('tracked') tracked(@TrackVar() vars: TrackVars, @TrackVar() same: TrackVars) {
    vars.plan = 'pro';
    same.seats = 3n;
    vars['__proto__'] = { polluted: true };
    return { same: vars === same };
  }
  @TrackUsage() @Get('unused') unused(@TrackVar() _vars: TrackVars) {
    return 'nothing added';
  }
  @TrackUsage() @Get('none') none() {
    return 'nothing asked for';
  }
  @Get('untracked') untracked(@TrackVar() vars: TrackVars) {
    vars.plan = 'free';
    return vars;
  }
  @TrackUsage()
  @UseInterceptors({
    intercept(context: ExecutionContext, next: CallHandler) {
      void context;
      return next.handle();
    },
  })
  @Get('later')
  later(@TrackVar() vars: TrackVars) {
    const live = { step: 1 };
    vars.live = live;
    live.step = 2;
    vars.toString = () => 'no';
    return 'changed before the end';
  }
}

describe.each(ADAPTERS)('@TrackVar() on %s', (kind) => {
  it('collects what a handler adds, for this request alone', async () => {
    const application = await TestApplication.start({ controllers: [Vars] }, kind, {
      mode: 'exclude',
    });
    const ask = async (path: string) => {
      const bytes = await application.client().exchange(requestText(`GET /vars/${path}`));
      const [record] = await application.taken();
      return { body: readResponse(bytes)!.payload.toString(), trackVar: record?.trackVar };
    };
    expect(await ask('tracked')).toEqual({
      body: '{"same":true}',
      trackVar: JSON.parse('{"plan":"pro","seats":"3","__proto__":{"polluted":true}}') as unknown,
    });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await ask('unused')).trackVar).toBeNull();
    expect((await ask('none')).trackVar).toBeNull();
    expect((await ask('later')).trackVar).toEqual({ live: { step: 2 } });
    expect(await ask('untracked')).toEqual({ body: '{"plan":"free"}', trackVar: undefined });
    await application.close();
  });

  it('works where nothing is tracked at all', async () => {
    const application = await TestApplication.start({ controllers: [Vars] }, kind, null);
    const bytes = await application.client().exchange(requestText('GET /vars/untracked'));
    expect(readResponse(bytes)!.payload.toString()).toBe('{"plan":"free"}');
    await application.close();
  });
});

describe('A snapshot of variables', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle.self = cycle;

  it.each([
    ['nothing', undefined, null],
    ['no names', {}, null],
    ['plain values', { a: 1, b: 'x', c: true, d: null }, { a: 1, b: 'x', c: true, d: null }],
    ['numbers that JSON lacks', { a: NaN, b: Infinity, c: -0 }, { a: null, b: null, c: 0 }],
    ['a bigint', { a: 12345678901234567890n }, { a: '12345678901234567890' }],
    ['dates', { a: new Date(0), b: new Date(NaN) }, { a: '1970-01-01T00:00:00.000Z', b: null }],
    [
      'functions, symbols and undefined',
      { a: () => 1, b: Symbol('x'), c: undefined, d: [undefined] },
      { d: [null] },
    ],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('no');
        },
        b: 1,
      },
      { a: null, b: 1 },
    ],
    ['toJSON', { a: { toJSON: () => ({ b: 1n }) } }, { a: { b: '1' } }],
    [
      'toJSON that throws',
      {
        a: {
          toJSON() {
            throw new Error('no');
          },
        },
      },
      { a: null },
    ],
    ['bytes', { a: Buffer.alloc(12), b: new ArrayBuffer(3) }, { a: '[12 bytes]', b: '[3 bytes]' }],
    ['a map and a set', { a: new Map([[1, 2]]), b: new Set([1]) }, { a: {}, b: {} }],
    ['an error', { a: Object.assign(new Error('no'), { code: 'E_NO' }) }, { a: { code: 'E_NO' } }],
    [
      'names of prototypes',
      JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
      JSON.parse('{"__proto__":{"x":1},"constructor":2}'),
    ],
  ])('of %s', (_title, vars, snapshot) => {
    expect(copyTrackVars(vars as Record<string, unknown> | undefined)).toEqual(snapshot);
  });

  it('ends where an object holds itself', () => {
    expect(JSON.stringify(copyTrackVars(cycle)).length).toBeLessThan(2000);
  });

  it('ends at a thousand values and at a depth of 16', () => {
    const wide = copyTrackVars({ list: Array.from({ length: 100_000 }, (_, n) => n) });
    expect((wide!.list as unknown[]).length).toBeLessThanOrEqual(1000);
    let deep: Record<string, unknown> = { end: true };
    for (let depth = 0; depth < 10_000; depth++) deep = { deep };
    expect(JSON.stringify(copyTrackVars(deep))).toBe(
      `${'{"deep":'.repeat(16)}null${'}'.repeat(16)}`,
    );
  });

  it('of a proxy that refuses everything is null', () => {
    const refuse = () => {
      throw new Error('no');
    };
    const proxy = new Proxy({}, { ownKeys: refuse, get: refuse, getOwnPropertyDescriptor: refuse });
    expect(copyTrackVars(proxy)).toBeNull();
    expect(copyTrackVars({ proxy })).toEqual({ proxy: null });
  });

  it('of anything comes back from JSON unchanged, and later changes do not reach it', () => {
    fc.assert(
      fc.property(
        fc.object({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withSparseArray: true,
          withTypedArray: true,
        }),
        (vars) => {
          const snapshot = copyTrackVars(vars);
          expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
        },
      ),
    );
  });
});
