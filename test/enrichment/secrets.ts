import type { CapturedRequest } from '../../lib/record/captured-request.js';

/** A name that is secret, in the shapes that real services give it. */
export const SECRET_NAMES = [
  ...['token', 'password', 'secret', 'key', 'auth', 'session', 'signature', 'code', 'api_key'],
  ...['accessToken', 'apikey', 'X-Amz-Signature', 'X-Amz-Security-Token', 'access_token', 'jwt'],
  ...['sid', 'sig', 'PASSWORD', 'Api-Key', 'user[password]', 'credentials[0][secret]', 'id_token'],
  ...['client_secret', 'jsessionid', 'PHPSESSID', 'SAMLResponse', 'auth.token', 'refreshToken'],
  ...['ToKeN', 'reset-code', 'oauth2_token', 'pwd', 'X-API-KEY', 'csrfToken', 'tokens[]', 'otp'],
];

const encode = encodeURIComponent;
const twice = (text: string) => encode(encode(text));
const everyByte = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

type Position = (name: string, secret: string) => Partial<CapturedRequest>;

const url = (target: string): Partial<CapturedRequest> => ({
  url: `https://shop.example${target}`,
  route: '/cats',
  viewArgs: {},
});

/** Where a secret can stand in a request, by a word for each place. */
export const POSITIONS: Record<string, Position> = {
  'a query': (n, s) => url(`/cats?page=1&${n}=${s}&limit=5`),
  'a query, first': (n, s) => url(`/cats?${n}=${s}`),
  'a query after an empty pair': (n, s) => url(`/cats?&&=&${n}=${s}`),
  'an encoded name': (n, s) => url(`/cats?${everyByte(n)}=${s}`),
  'a doubly encoded name': (n, s) => url(`/cats?${encode(everyByte(n))}=${s}`),
  'an encoded value': (n, s) => url(`/cats?${encode(n)}=${everyByte(s)}`),
  'a repeated name': (n, s) => url(`/cats?${n}=${s}1&${n}=${s}2&a=1&${n}=${s}3`),
  'an upper-case name': (n, s) => url(`/cats?${n.toUpperCase()}=${s}`),
  'semicolons between pairs': (n, s) => url(`/cats?a=1;${n}=${s};b=2`),
  'an HTML-escaped ampersand': (n, s) => url(`/cats?a=1&amp;${n}=${s}`),
  'a second question mark': (n, s) => url(`/cats?a=1?${n}=${s}`),
  'a value with an equals sign': (n, s) => url(`/cats?${n}=${s}==&b=${n}=${s}`),
  'the fragment': (n, s) => url(`/cats#${n}=${s}`),
  'the fragment after a query': (n, s) => url(`/cats?a=1#a=1&${n}=${s}`),
  'a query inside the fragment': (n, s) => url(`/cats#/callback?${n}=${s}`),
  'an encoded fragment': (n, s) => url(`/cats#${encode(`${n}=${s}`)}`),
  'a URL in a value': (n, s) => url(`/cats?next=https://other.example/x?${n}=${s}`),
  'an encoded URL in a value': (n, s) =>
    url(`/cats?next=${encode(`https://other.example/x?a=1&${n}=${s}`)}`),
  'a URL encoded twice in a value': (n, s) =>
    url(`/cats?next=${twice(`https://other.example/x?a=1&${n}=${s}`)}`),
  'a URL in a URL in a value': (n, s) =>
    url(`/cats?next=${encode(`https://a.example/?u=${encode(`https://b.example/?${n}=${s}`)}`)}`),
  'a relative URL in a value': (n, s) => url(`/cats?next=${encode(`/x?a=1&${n}=${s}`)}`),
  'a fragment of a URL in a value': (n, s) =>
    url(`/cats?next=${encode(`https://other.example/#${n}=${s}`)}`),
  'the query of a URL in a value, unnamed': (_, s) =>
    url(`/cats?next=${encode(`https://other.example/login?${s}`)}`),
  'pairs in a value': (n, s) => url(`/cats?state=${encode(`a=1&${n}=${s}&b=2`)}`),
  'pairs with spaces in a value': (n, s) => url(`/cats?state=${encode(`a=1; ${n} = ${s} x${s}`)}`),
  'JSON in a value': (n, s) => url(`/cats?filter=${encode(JSON.stringify({ a: { [n]: s } }))}`),
  'broken JSON in a value': (n, s) => url(`/cats?filter=${encode(`{"a": 1, "${n}" : ["${s}",`)}`),
  'pairs in a name': (n, s) => url(`/cats?${encode(`a?${n}=${s}`)}`),
  'the user part of the URL': (n, s) => ({
    ...url(''),
    url: `https://${n.replace(/\W/g, '')}:${s}@shop.example/cats?a=1`,
  }),
  'the user part of a URL in a value': (_, s) =>
    url(
      `/cats?next=${encode(`https://user:p/${s}?@other.example/`)}&b=https://u:${s}%2F${s}@c.example`,
    ),
  'the user part of a URL in the path': (_, s) => url(`/proxy/https://user:${s}@other.example/x`),
  'a matrix parameter': (n, s) => url(`/cats;${n}=${s}/1;v=2`),
  'an encoded matrix parameter': (n, s) => url(`/cats${encode(`;a=1;${n}=${s}`)}/1`),
  'a URL encoded in the path': (n, s) => ({
    url: `https://shop.example/proxy/${encode(`https://other.example/x?${n}=${s}`)}`,
    route: '/proxy/:target',
    viewArgs: { target: `https://other.example/x?${n}=${s}` },
  }),
  'a route parameter': (n, s) => ({
    url: `https://shop.example/reset/${s}/confirm?a=1`,
    route: `/reset/:${n.replace(/\W/g, '_')}/confirm`,
    viewArgs: { [n.replace(/\W/g, '_')]: s },
  }),
  'an encoded route parameter': (n, s) => ({
    url: `https://shop.example/reset/${everyByte(s)}`,
    route: `/reset/:${n.replace(/\W/g, '_')}`,
    viewArgs: { [n.replace(/\W/g, '_')]: s },
  }),
  'a part of a segment': (n, s) => ({
    url: `https://shop.example/reset/cat-${s}.json`,
    route: `/reset/:id-:${n.replace(/\W/g, '_')}.json`,
    viewArgs: { id: 'cat', [n.replace(/\W/g, '_')]: s },
  }),
  'a wildcard': (n, s) => ({
    url: `https://shop.example/files/a/${s}/b`,
    route: `/files/*${n.replace(/\W/g, '_')}`,
    viewArgs: { [n.replace(/\W/g, '_')]: `a/${s}/b` },
  }),
  'a route parameter behind a prefix that the route does not know': (n, s) => ({
    url: `https://shop.example/mounted/here/reset/${s}`,
    route: `/reset/:${n.replace(/\W/g, '_')}`,
    viewArgs: { [n.replace(/\W/g, '_')]: s },
  }),
  'a matrix parameter in a route parameter': (n, s) => ({
    url: `https://shop.example/cats/1;${n}=${s}`,
    route: '/cats/:id',
    viewArgs: { id: `1;${n}=${s}` },
  }),
  'the referrer': (n, s) => ({ ...url('/cats'), referrer: `https://a.example/x?a=1&${n}=${s}` }),
  'the fragment of the referrer': (n, s) => ({
    ...url('/cats'),
    referrer: `https://a.example/x#${n}=${s}`,
  }),
  'the user part of the referrer': (_, s) => ({
    ...url('/cats'),
    referrer: `https://user:${s}@a.example/x`,
  }),
  'a URL in the referrer': (n, s) => ({
    ...url('/cats'),
    referrer: `https://a.example/x?next=${encode(`/y?${n}=${s}`)}`,
  }),
  'a referrer that is no URL': (_, s) => ({ ...url('/cats'), referrer: `https://[broken?q=${s}` }),
  'a URL that cannot be parsed': (n, s) => ({
    url: `http://[broken/cats?${n}=${s}`,
    route: null,
    viewArgs: null,
  }),
  'a variable of the handler': (n, s) => ({ ...url('/cats'), trackVar: { [n]: s, plan: 'pro' } }),
  'a nested variable': (n, s) => ({
    ...url('/cats'),
    trackVar: { list: [{ deep: { [n]: { value: [s] } } }] },
  }),
  'a URL in a variable': (n, s) => ({
    ...url('/cats'),
    trackVar: { hook: `https://user:${s}@a.example/?${n}=${s}`, n: [`x;${n}=${s}`] },
  }),
};

/** At least `count` requests, each with a secret of its own, in every position in turn. */
export function requestsWithSecrets(
  count: number,
): { place: string; secret: string; changes: Partial<CapturedRequest> }[] {
  const places = Object.keys(POSITIONS);
  return Array.from({ length: count }, (_, at) => {
    const place = places[at % places.length] ?? '';
    const name =
      SECRET_NAMES[(at * 7 + Math.floor(at / places.length)) % SECRET_NAMES.length] ?? '';
    const secret = `Zq${(at * 2_654_435_761).toString(36)}Vx`;
    return {
      place: `${name} in ${place}`,
      secret,
      changes: POSITIONS[place]?.(name, secret) ?? {},
    };
  });
}
