/** What a request below the page's path is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
}

/** What of a request decides its answer. */
export interface DashboardRequest {
  /** What follows the page's path, without slashes around it: '' is the page. */
  readonly name: string;
  /** The parameters after the question mark. */
  readonly query: URLSearchParams;
  /**
   * What stands before the names of the page's files in relative links: '' if the browser's address
   * ends in a slash, else its last part and a slash.
   */
  readonly base: string;
  /** The address of the application, as the request names it: `http://localhost:3000`. */
  readonly origin: string;
  /** Aborted if the client goes away or the application closes. */
  readonly signal: AbortSignal;
}

export function html(body: Answer['body'], status = 200): Answer {
  return answer('text/html; charset=utf-8', body, status);
}

export function json(value: unknown, status = 200): Answer {
  return answer('application/json; charset=utf-8', JSON.stringify(value), status);
}

export function answer(type: string, body: Answer['body'], status = 200): Answer {
  return { status, headers: { 'Content-Type': type }, body };
}

/** The same answer with more headers. */
export function withHeaders(given: Answer, headers: Record<string, string>): Answer {
  return { ...given, headers: { ...given.headers, ...headers } };
}

/**
 * What tells a client about an answer without giving it. A text stays, as the server derives its
 * length from it and leaves it out; a stream would be made for nobody, and may never end.
 */
export function withoutBody(given: Answer): Answer {
  return typeof given.body === 'string' ? given : { ...given, body: nothing() };
}

async function* nothing(): AsyncGenerator<string, void, undefined> {}
