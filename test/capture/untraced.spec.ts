import { describe, expect, it } from 'vitest';
import { isUntraced } from '../../lib/capture/http/visitor-marker.js';

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
    expect(isUntraced({}, headers)).toBe(asks);
    expect(isUntraced({ respectDoNotTrack: true }, headers)).toBe(asks);
    expect(isUntraced({ respectDoNotTrack: false }, headers)).toBe(false);
  });
});
