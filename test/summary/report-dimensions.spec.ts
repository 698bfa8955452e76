import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sumBlueprints,
  sumClients,
  sumConsumers,
  sumGeo,
  sumLanguages,
  sumReleases,
  sumRemotes,
  sumRoutes,
  sumServer,
  sumStatuses,
  sumUrls,
  sumUserAgents,
  sumVisitors,
  type SummaryHook,
  type UsageRecord,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { REPORT_DIMENSIONS, reportDimension } from '../../lib/summary/index.js';
import { trafficRecord } from './traffic.js';

const HOOKS: SummaryHook[] = [
  sumUrls,
  sumRemotes,
  sumUserAgents,
  sumLanguages,
  sumServer,
  sumVisitors,
  sumGeo,
  sumRoutes,
  sumStatuses,
  sumConsumers,
  sumClients,
  sumReleases,
  sumBlueprints,
];

function fieldOf(record: UsageRecord, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], record);
}

describe('A dimension of reports', () => {
  it('reads of a record what it makes of the record’s fields', () => {
    const ofRecords = [...REPORT_DIMENSIONS.keys()].filter((name) => name !== 'deprecated');
    const names = [...ofRecords, 'trackVar.tenant'];
    fc.assert(
      fc.property(trafficRecord, fc.constantFrom(...names), (record, name) => {
        const { fields, of, read } = reportDimension(name)!;
        expect(of(...fields.map((path) => fieldOf(record, path)))).toBe(read(record));
      }),
    );
  });

  it('has the keys of the summary that it names', () => {
    const named = [...REPORT_DIMENSIONS.values()].flatMap(({ summary }) => summary ?? []);
    expect(named.sort()).toEqual(HOOKS.map(({ dimension }) => dimension).sort());
    fc.assert(
      fc.property(trafficRecord, fc.constantFrom(...HOOKS), (record, hook) => {
        const [dimension] = [...REPORT_DIMENSIONS.values()].filter(
          ({ summary }) => summary === hook.dimension,
        );
        expect(dimension!.read(record)).toBe(hook.key(record));
      }),
    );
  });

  it.each<[string, Partial<UsageRecord>, unknown]>([
    ['statusClass', { status: 404 }, '4xx'],
    ['statusClass', { status: 999 }, '9xx'],
    ['statusClass', { status: 0 }, null],
    ['referrer', { referrer: 'https://A.Example:8443/b?c' }, 'a.example:8443'],
    ['referrer', { referrer: 'http://user:pw@a.example' }, 'a.example'],
    ['referrer', { referrer: 'android-app://com.example.app/' }, 'com.example.app'],
    ['referrer', { referrer: '/here' }, null],
    ['referrer', { referrer: null }, null],
    ['url', { url: 'http://a.b/c?d?e' }, 'http://a.b/c'],
    ['authorization', { authorization: true }, true],
    ['trackVar.plan', { trackVar: { plan: 'pro' } }, 'pro'],
    ['trackVar.a.b', { trackVar: { a: { b: 1.5 } } }, '1.5'],
    ['trackVar.a\\.b', { trackVar: { 'a.b': true, a: { b: 'no' } } }, 'true'],
    ['trackVar.a\\\\', { trackVar: { 'a\\': 'x' } }, 'x'],
    ['trackVar.n', { trackVar: { n: 1e21 } }, '1e+21'],
    ['trackVar.constructor', { trackVar: {} }, null],
    ['trackVar.list', { trackVar: { list: ['a'] } }, null],
    ['trackVar.list.0', { trackVar: { list: ['a'] } }, null],
    ['trackVar.object', { trackVar: { object: {} } }, null],
    ['trackVar.plan', { trackVar: null }, null],
  ])('%s of %o is %s', (name, fields, value) => {
    expect(reportDimension(name)!.read(makeRecord(fields))).toBe(value);
  });

  it('names a client by its whole version, or a major one', () => {
    const userAgent = { ...makeRecord().userAgent, browser: 'MyShop', version: '4.12.0' };
    const record = makeRecord({ userAgent });
    expect(reportDimension('client')!.read(record)).toBe('MyShop 4.12.0');
    expect(reportDimension('userAgent')!.read(record)).toBe('MyShop 4');
  });

  it('is not known by another name', () => {
    for (const name of ['', 'geo', 'trackVar', 'trackVar.', 'trackVar.a..b', 'constructor'])
      expect(reportDimension(name)).toBeUndefined();
  });
});
