import { describe, expect, it } from 'vitest';
import { VisitorCookie } from '../../lib/enrichment/index.js';

describe('the cookie of a visitor', () => {
  const cookie = new VisitorCookie();
  const id = cookie.createId();

  it('holds a random id and is for the server alone', () => {
    expect(cookie.write(id, false)).toBe(
      `track_usage=${id}; Max-Age=34128000; Path=/; HttpOnly; SameSite=Lax`,
    );
    expect(cookie.write(id, true)).toBe(`${cookie.write(id, false)}; Secure`);
    const ids = new Set(Array.from({ length: 10_000 }, () => cookie.createId()));
    expect(ids.size).toBe(10_000);
  });

  it('has the options that it is given', () => {
    const own = new VisitorCookie({
      name: 'shop_visitor',
      maxAge: 3600,
      domain: 'shop.example',
      path: '/api',
      sameSite: 'none',
      secure: true,
    });
    expect(own.write(id, false)).toBe(
      `shop_visitor=${id}; Max-Age=3600; Path=/api; Domain=shop.example; HttpOnly; SameSite=None; Secure`,
    );
    expect(own.read(`track_usage=x; shop_visitor=${id}`)).toBe(id);
    expect(new VisitorCookie({ secure: false }).write(id, true)).not.toContain('Secure');
  });

  it.each([
    [`track_usage=${id}`],
    [`a=1; track_usage=${id}; b=2`],
    [`a=1;track_usage=${id}`],
    [`track_usage=; track_usage=${id}`],
    [`xtrack_usage=forged; track_usage = ${id} `],
  ])('is read from %s', (header) => {
    expect(cookie.read(header)).toBe(id);
  });

  it.each([
    [undefined],
    [''],
    ['track_usage'],
    ['track_usage='],
    ['track_usage=short'],
    [`track_usage=${id}x`],
    [`track_usage="${id}"`],
    [`track_usage=${'x'.repeat(4096)}`],
    [`track_usage=${id.slice(0, 21)}$`],
    [`track_usage=<script>alert(1)</script>`],
    [`TRACK_USAGE=${id}`],
    [`xtrack_usage=${id}`],
    [`other="track_usage=${id}"`],
    [`${'a=b; '.repeat(200_000)}track_usage=${id}`],
  ])('is none, and so made anew, in %.40s', (header) => {
    expect(cookie.read(header)).toBeNull();
  });

  it.each([
    [{ name: 'a b' }, 'cookie.name'],
    [{ name: '' }, 'cookie.name'],
    [{ name: 'x;y' }, 'cookie.name'],
    [{ name: '__Host-v', secure: true, path: '/a' }, 'cookie.name'],
    [{ name: '__Secure-v' }, 'cookie.secure'],
    [{ maxAge: 0 }, 'cookie.maxAge'],
    [{ maxAge: 34_128_001 }, 'cookie.maxAge'],
    [{ maxAge: 1.5 }, 'cookie.maxAge'],
    [{ domain: 'a; Secure' }, 'cookie.domain'],
    [{ path: 'api' }, 'cookie.path'],
    [{ path: '/a\r\nSet-Cookie: x=1' }, 'cookie.path'],
    [{ sameSite: 'no' as never }, 'cookie.sameSite'],
    [{ sameSite: 'none' as const }, 'cookie.secure'],
  ])('stops the start with %j', (options, name) => {
    expect(() => new VisitorCookie(options)).toThrow(`option ${name}: expected `);
  });
});
