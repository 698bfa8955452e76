import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

type Head = [status: number, ...rest: unknown[]];

const NAME = 'set-cookie';

/**
 * Adds a cookie to a response at the moment when its headers are written, so that whatever the
 * application sets or replaces until then stays beside it.
 */
export function addCookie(response: ServerResponse, cookie: string): void {
  const writeHead = response.writeHead.bind(response) as (...head: Head) => ServerResponse;
  response.writeHead = (...head: Head) => {
    response.writeHead = writeHead;
    const at = head.length - 1;
    const headers = head[at];
    if (Array.isArray(headers)) head[at] = [...(headers as unknown[]), 'Set-Cookie', cookie];
    else if (isHeaders(headers) && cookieNameIn(headers) !== undefined)
      head[at] = withCookie(headers, cookie);
    else response.setHeader('Set-Cookie', [...cookiesOf(response.getHeader(NAME)), cookie]);
    return writeHead(...head);
  };
}

function isHeaders(value: unknown): value is OutgoingHttpHeaders {
  return typeof value === 'object' && value !== null;
}

function cookieNameIn(headers: OutgoingHttpHeaders): string | undefined {
  return Object.keys(headers).find((name) => name.toLowerCase() === NAME);
}

function withCookie(headers: OutgoingHttpHeaders, cookie: string): OutgoingHttpHeaders {
  const name = cookieNameIn(headers) ?? NAME;
  return { ...headers, [name]: [...cookiesOf(headers[name]), cookie] };
}

function cookiesOf(value: number | string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? [...value] : [String(value)];
}
