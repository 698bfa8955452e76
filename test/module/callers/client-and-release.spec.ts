import { byClientHeaders, type UsageRecord } from 'nestjs-track-usage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platforms } from '../../support/platforms.js';
import { Shop } from './shop.js';

const CURL = { 'user-agent': 'curl/8.5.0' };
const agentOf = ({ userAgent: { browser, version, kind } }: UsageRecord) => [
  browser,
  version,
  kind,
];

describe.each(platforms)('on $name', (platform) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.start(platform, {
      client: byClientHeaders(),
      service: 'shop-api',
      release: '4.12.0',
    });
  });
  afterAll(() => shop.close());

  it.each<[string, Record<string, string>, unknown[]]>([
    [
      'x-client-name and x-client-version',
      { 'x-client-name': 'MyShop', 'x-client-version': '4.12.0' },
      ['MyShop', '4.12.0', 'library'],
    ],
    [
      'those of Apollo',
      { 'apollographql-client-name': 'web', 'apollographql-client-version': '7' },
      ['web', '7', 'library'],
    ],
    ['a name alone', { 'x-client-name': 'MyShop' }, ['MyShop', null, 'library']],
    ['a version alone', { 'x-client-version': '4.12.0' }, ['curl', '8.5.0', 'library']],
    [
      'a known key, which is redacted',
      { 'x-client-name': 'npm_0123456789abcdef0123456789abcdef0123', 'x-client-version': '1' },
      ['[redacted]', '1', 'library'],
    ],
    ['none of them', {}, ['curl', '8.5.0', 'library']],
  ])('byClientHeaders() reads %s', async (_, headers, expected) => {
    expect(agentOf(await shop.ask('/open', { ...CURL, ...headers }))).toEqual(expected);
  });

  it('each record has the service and the release', async () => {
    expect(await shop.ask('/open')).toMatchObject({ service: 'shop-api', release: '4.12.0' });
    expect(await shop.ask('/nowhere')).toMatchObject({ service: 'shop-api', release: '4.12.0' });
  });

  it.each([
    ['valid', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', true],
    ['of a later version', 'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', true],
    ['too long', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', false],
    ['of an invalid version', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', false],
    ['in capitals', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01', false],
    ['without a trace', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', false],
    ['without a span', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', false],
    ['too short', '00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01', false],
    ['nonsense', 'nonsense', false],
  ])('a traceparent that is %s', async (_, traceparent, isValid) => {
    const { traceId } = await shop.ask('/open', { traceparent });
    expect(traceId).toBe(isValid ? '4bf92f3577b34da6a3ce929d0e0e4736' : null);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => JSON.parse('{')],
    ['returns text', () => 'MyShop'],
    ['returns a promise', () => Promise.reject(new Error('later'))],
    ['returns no name', () => ({ version: '1' })],
    ['returns null', () => null],
  ])('the user agent names the client where the option client %s', async (_, client) => {
    const other = await Shop.start(platform, { client: client as () => null });
    expect(agentOf(await other.ask('/open', CURL))).toEqual(['curl', '8.5.0', 'library']);
    await other.close();
  });
});
