import type { IpInfo, JsonObject, JsonValue } from '../record/index.js';

const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@]+)/i;
const MAJOR = /^[^.\s]+/;

/** The characters that end a major version: a dot, and all that `\s` matches. */
export const MAJOR_ENDS =
  '.\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
  '\u2028\u2029\u202f\u205f\u3000\ufeff';

/** `GET /cats/:id`; null if no route matched. */
export function routeOf(method: unknown, route: unknown): string | null {
  return route === null ? null : `${method as string} ${route as string}`;
}

/** The country of a client's address. */
export function countryOf(ipInfo: unknown): string | null {
  return (ipInfo as IpInfo | null)?.country ?? null;
}

/** A URL without its query. */
export function withoutQuery(url: unknown): string {
  const text = url as string;
  const query = text.indexOf('?');
  return query < 0 ? text : text.slice(0, query);
}

/** `4xx` for 404; null for what is no status. */
export function statusClassOf(status: unknown): string | null {
  const number = Number(status);
  return number >= 100 && number < 1000 ? `${Math.floor(number / 100)}xx` : null;
}

/** `Chrome 126` for Chrome and 126.0.6478.61. */
export function majorClient(browser: unknown, version: unknown): string | null {
  if (browser === null) return null;
  const major = version === null ? '' : (MAJOR.exec(version as string)?.[0] ?? '');
  return major ? `${browser as string} ${major}` : (browser as string);
}

/** `MyShop 4.12.0` for MyShop and 4.12.0. */
export function wholeClient(browser: unknown, version: unknown): string | null {
  if (browser === null) return null;
  return version ? `${browser as string} ${version as string}` : (browser as string);
}

/** The host in a URL, with its port if it names one, in lower case; null if it has no host. */
export function hostOf(url: unknown): string | null {
  const host = url === null ? null : HOST.exec(url as string)?.[1];
  // Only ASCII letters: that is what a host consists of, and databases agree on these.
  return host?.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) ?? null;
}

/**
 * The text at the end of a path into a JSON object. Numbers and booleans are as JSON writes them.
 * Null if nothing is there, and for lists and objects.
 */
export function ofPath(object: JsonObject | null, keys: readonly string[]): string | null {
  const value = valueAt(object, keys);
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    default:
      return null;
  }
}

/** What stands at the end of a path into a JSON object; undefined if nothing does. */
export function valueAt(object: JsonObject | null, keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object ?? undefined;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    // Names are data: `constructor` of the prototype is not one.
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** The name and the version of a client that a report shows: `MyShop 4.12.0`. */
export function clientParts(client: string | null): {
  readonly name: string | null;
  readonly version: string | null;
} {
  if (client === null) return { name: null, version: null };
  const [, name = client, version = null] = /^(.+) (\S*\d\S*)$/s.exec(client) ?? [];
  return { name, version };
}
