import type { ServerResponse } from 'node:http';

type Head = [status: number, ...rest: unknown[]];

const NAME = 'set-cookie';

/**
 * Adds a cookie to a response when its head is written. Cookies that the application sets or
 * replaces before then are kept.
 */
export function addCookie(response: ServerResponse, cookie: string): void {
  // `writeHead` may already be wrapped by another library, such as a session's.
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

/** The index at which `writeHead` takes headers: after the status, or after its message. */
function headersAt([, first, second]: Head): number {
  return typeof first === 'string' || (second !== undefined && second !== null) ? 2 : 1;
}

/**
 * The headers given to `writeHead`, with the cookie added. Undefined if the cookie must be added to
 * the headers that were set before. If both have cookies, Node only sends those of `writeHead`.
 */
function withCookie(headers: unknown, wasSet: boolean, cookie: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  // Node accepts an object, a list of alternating names and values, or a list of pairs.
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

/** Adds the cookie to the pairs. Undefined if it must be added to the headers set before. */
function withCookieAmong(
  pairs: [name: string, value: unknown][],
  wasSet: boolean,
  cookie: string,
): [string, unknown][] | undefined {
  // If several pairs have this name, Node may only send the last.
  const last = pairs.findLast(([name]) => String(name).toLowerCase() === NAME);
  if (last === undefined) return wasSet ? undefined : [...pairs, ['Set-Cookie', cookie]];
  // Node rejects an undefined value with an error to the application.
  if (last[1] === undefined) return undefined;
  last[1] = [...valuesOf(last[1]), cookie];
  return pairs;
}

/** Writes a head with the cookie added to the headers that were set before. */
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
    // Restores the headers, because the application may retry with valid ones.
    if (!response.headersSent) {
      if (before === undefined) response.removeHeader(NAME);
      else response.setHeader(name, before);
    }
    throw error;
  }
}

/** The header's name as the application spelled it. HTTP/2 has a single spelling. */
function nameAsSet(response: ServerResponse): string {
  const names = (response as { getRawHeaderNames?(): string[] }).getRawHeaderNames?.() ?? [];
  return names.find((name) => name.toLowerCase() === NAME) ?? 'Set-Cookie';
}

function valuesOf(value: unknown): string[] {
  if (value === undefined) return [];
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- as Node writes it
  return Array.isArray(value) ? (value as string[]) : [String(value)];
}
