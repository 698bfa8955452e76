import type { ServerResponse } from 'node:http';

type Head = [status: number, ...rest: unknown[]];

const NAME = 'set-cookie';

/**
 * Adds a cookie to a response at the moment when its headers are written, so that whatever the
 * application sets or replaces until then stays beside it.
 */
export function addCookie(response: ServerResponse, cookie: string): void {
  // A wrapper of somebody else's, such as a session's, may stand there already.
  const writeHead = response.writeHead.bind(response) as (...head: Head) => ServerResponse;
  response.writeHead = (...head: Head) => {
    if (response.headersSent) return writeHead(...head);
    const at = headersAt(head);
    const given = withCookie(head[at], response.getHeader(NAME) !== undefined, cookie);
    if (given === undefined) return writeBeside(response, cookie, () => writeHead(...head));
    const [status, ...rest] = head;
    return writeHead(status, ...rest.slice(0, at - 1), given);
  };
}

/** Where Node looks for headers: behind the status, or behind the status and its message. */
function headersAt([, first, second]: Head): number {
  return typeof first === 'string' || (second !== undefined && second !== null) ? 2 : 1;
}

/**
 * Headers as `writeHead` was given them, with the cookie in them; undefined where it belongs to
 * those that were set before. Where both have cookies, Node sends only those of `writeHead`.
 */
function withCookie(headers: unknown, wasSet: boolean, cookie: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  // Node takes names and values by turns, or pairs of them, or an object.
  if (!Array.isArray(headers)) {
    const entries = withCookieAmong(Object.entries(headers), wasSet, cookie);
    return entries && Object.fromEntries(entries);
  }
  const list = headers as unknown[];
  if (Array.isArray(list[0])) {
    const pairs = list.map((pair) => [...(pair as [string, unknown])] as [string, unknown]);
    return withCookieAmong(pairs, wasSet, cookie);
  }
  if (list.length % 2 !== 0) return undefined;
  const pairs = list.flatMap((name, n) =>
    n % 2 === 0 ? [[name, list[n + 1]] as [string, unknown]] : [],
  );
  return withCookieAmong(pairs, wasSet, cookie)?.flat();
}

/** The pairs themselves with the cookie among them. */
function withCookieAmong(
  pairs: [name: string, value: unknown][],
  wasSet: boolean,
  cookie: string,
): [string, unknown][] | undefined {
  // Of several of one name, the last may be the only one that is sent.
  const last = pairs.findLast(([name]) => String(name).toLowerCase() === NAME);
  if (last === undefined) return wasSet ? undefined : [...pairs, ['Set-Cookie', cookie]];
  // Node refuses it, and says so to the application.
  if (last[1] === undefined) return undefined;
  last[1] = [...valuesOf(last[1]), cookie];
  return pairs;
}

/** Writes a head with the cookie among the headers that were set before. */
function writeBeside(
  response: ServerResponse,
  cookie: string,
  write: () => ServerResponse,
): ServerResponse {
  const before = response.getHeader(NAME);
  const name = nameAsSet(response);
  response.setHeader(name, [...valuesOf(before), cookie]);
  try {
    return write();
  } catch (error) {
    // The application may try again, with headers that Node takes.
    if (!response.headersSent) {
      if (before === undefined) response.removeHeader(NAME);
      else response.setHeader(name, before);
    }
    throw error;
  }
}

/** The application's own way to write the name. Those of HTTP/2 have but one. */
function nameAsSet(response: ServerResponse): string {
  const names = (response as { getRawHeaderNames?(): string[] }).getRawHeaderNames?.() ?? [];
  return names.find((name) => name.toLowerCase() === NAME) ?? 'Set-Cookie';
}

function valuesOf(value: unknown): string[] {
  if (value === undefined) return [];
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- as Node writes it
  return Array.isArray(value) ? (value as string[]) : [String(value)];
}
