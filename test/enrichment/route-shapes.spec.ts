import { describe, expect, it } from 'vitest';
import { RouteShapes } from '../../lib/enrichment/privacy/route-shapes.js';
import { NameMatcher } from '../../lib/enrichment/privacy/name-matcher.js';
import { DEFAULT_REDACTED_NAMES } from 'nestjs-track-usage';

const names = new NameMatcher(DEFAULT_REDACTED_NAMES);
const shapesOf = (...patterns: string[]) =>
  new RouteShapes({ size: patterns.length, patterns: () => patterns }, (name) =>
    names.matches(name),
  );

describe('a secret parameter of a route', () => {
  it.each([
    ['/reset{/:token}', '/reset/abc', '/reset/[redacted]'],
    ['/reset{/:token}', '/reset', '/reset'],
    ['/reset/:token?', '/reset/abc', '/reset/[redacted]'],
    ['/a{/b{/:token}}/c', '/a/b/x/c', '/a/b/[redacted]/c'],
    ['/reset/:token(\\d+)', '/reset/abc', '/reset/[redacted]'],
    ['/reset/:token(^[a-z]{3}(?:x)$)', '/reset/abc', '/reset/[redacted]'],
    ['/reset/:"reset token"', '/reset/abc', '/reset/[redacted]'],
    ['/:id-:token.json', '/1-abc.json', '/[redacted]'],
    ['/at/:hour(^\\d+)h:pin(^\\d+)m', '/at/12h34m', '/at/[redacted]'],
    ['/files/*token', '/files/a/b', '/files/[redacted]/[redacted]'],
    ['/files/{*token}', '/files/a', '/files/[redacted]'],
    ['/files/*path/:token', '/files/a/b/c', '/files/a/b/[redacted]'],
    ['/:tenant/reset/:token', '/acme/reset/abc', '/acme/reset/[redacted]'],
    ['/cats/:id', '/cats/abc', '/cats/abc'],
    ['/reset/:token', '/reset/abc/def', '/reset/abc/def'],
    ['/reset/:token', '/reset', '/reset'],
    ['/reset/:token', '/reset;v=1/abc', '/reset;v=1/[redacted]'],
    ['/reset/:token', '/reset/abc%2Fdef', '/reset/[redacted]'],
    ['/v1/reset/:token', '/v2/reset/abc', '/v2/reset/[redacted]'],
    ['', '/abc', '/abc'],
    ['*', '/abc', '/abc'],
    ['/(.*)', '/abc', '/abc'],
  ])('of %s is found in %s', (pattern, path, kept) => {
    expect(shapesOf(pattern).redactPath(path)).toBe(kept);
  });

  it('is that of the route that says most closely what it matches', () => {
    const shapes = shapesOf('/*token', '/:code/:any', '/reset/:token', '/reset/help', '/cats/:id');
    expect(shapes.redactPath('/reset/help')).toBe('/reset/help');
    expect(shapes.redactPath('/reset/abc')).toBe('/reset/[redacted]');
    expect(shapes.redactPath('/cats/abc')).toBe('/cats/abc');
    expect(shapes.redactPath('/x/y')).toBe('/[redacted]/y');
    expect(shapes.redactPath('/x/y/z')).toBe('/[redacted]/[redacted]/[redacted]');
  });

  it('is never kept for the number of its segments', () => {
    const path = '/files' + '/abc'.repeat(500);
    expect(shapesOf('/files/*token').redactPath(path)).not.toContain('abc');
    expect(shapesOf('/files/*path', '/reset/:token').redactPath(path)).toBe(path);
    const slashes = '/'.repeat(500);
    const shapes = shapesOf('/reset/:token');
    expect(shapes.redactPath(`/reset/abc${slashes}`)).toBe(`/reset/[redacted]${slashes}`);
    const back = `${'/a'.repeat(200)}${'/..'.repeat(200)}`;
    expect(shapes.redactPath(`${back}/reset/abc`)).toBe(`${back}/reset/[redacted]`);
  });

  it('is that of any route where several match alike', () => {
    const shapes = shapesOf('/users/:id', '/users/:token');
    expect(shapes.redactPath('/users/abc')).toBe('/users/[redacted]');
  });

  it('is found in routes that are declared later', () => {
    const patterns = ['/cats/:id'];
    const shapes = new RouteShapes(
      {
        get size() {
          return patterns.length;
        },
        patterns: () => patterns,
      },
      (name) => names.matches(name),
    );
    expect(shapes.redactPath('/reset/abc')).toBe('/reset/abc');
    patterns.push('/reset/:token');
    expect(shapes.redactPath('/reset/abc')).toBe('/reset/[redacted]');
  });

  it('is sought in a time that does not grow with what is asked for', () => {
    const shapes = shapesOf(
      ...Array.from({ length: 300 }, (_, at) => `/r${at}/*a/x/*b/:token{/:c}{/:d}{/:e}`),
    );
    const hostile = ['/r1/x', '/x', '/%2F', '//', '/..', '/:', '/r1'].map((piece) =>
      piece.repeat(Math.ceil(10_000 / piece.length)),
    );
    let slowest = 0;
    for (const path of hostile)
      for (let again = 0; again < 3; again++) {
        const started = performance.now();
        shapes.redactPath(path);
        if (again > 0) slowest = Math.max(slowest, performance.now() - started);
      }
    expect(slowest).toBeLessThan(100);
  });
});
