import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPlatforms, openApp, type TestApp } from '../support/applications.js';

describe('a request that asks not to be tracked', () => {
  onPlatforms('on $name', (_, platform) => {
    const apps: TestApp[] = [];
    beforeAll(async () => {
      for (const options of [{}, { respectDoNotTrack: true }, { respectDoNotTrack: false }])
        apps.push(await openApp(platform, { track: { cookie: true, ...options } }));
    });
    afterAll(async () => {
      for (const app of apps) await app.close();
    });

    it.each<[Record<string, string>, boolean]>([
      [{ dnt: '1' }, true],
      [{ 'sec-gpc': '1' }, true],
      [{ dnt: '0', 'sec-gpc': '0' }, false],
      [{ dnt: 'unspecified' }, false],
      [{ dnt: '1, 1' }, true],
      [{ dnt: '0, 1' }, true],
      [{ 'sec-gpc': '1,1' }, true],
      [{ dnt: '0, 0' }, false],
      [{ dnt: '11' }, false],
      [{}, false],
    ])('%j', async (headers, asks) => {
      const isKnown: boolean[] = [];
      for (const { fetch, records } of apps) {
        await fetch('/cats', { headers });
        isKnown.push((await records()).at(-1)!.visitorId !== null);
      }
      expect(isKnown).toEqual([!asks, !asks, true]);
    });
  });
});
