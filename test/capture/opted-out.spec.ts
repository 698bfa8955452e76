import { describe, expect, it } from 'vitest';
import { hasOptedOut } from '../../lib/capture/http/visitor-marker.js';

describe('a request that asks not to be tracked', () => {
  it.each([
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
  ])('%j', (headers, asks) => {
    expect(hasOptedOut({}, headers)).toBe(asks);
    expect(hasOptedOut({ respectDoNotTrack: true }, headers)).toBe(asks);
    expect(hasOptedOut({ respectDoNotTrack: false }, headers)).toBe(false);
  });
});
