import type { ServerResponse } from 'node:http';

type Head = [status: number, ...rest: unknown[]];

/** A header that is added to a response. */
export interface AddedHeader {
  /** As it is sent: `Set-Cookie`. */
  readonly name: string;
  readonly value: string;
  /**
   * What happens to a header of this name that the application has set: `'both'` sends both,
   * `'theirs'` sends the application's alone.
   */
  readonly beside: 'both' | 'theirs';
}

/**
 * Adds a header to a response when its head is written. Headers that the application sets or
 * replaces before then are kept.
 */
export function addHeader(response: ServerResponse, header: AddedHeader): void {
  // `writeHead` may already be wrapped by another library, such as a session's.
  const writeHead = response.writeHead.bind(response) as (...head: Head) => ServerResponse;
  response.writeHead = (...head: Head) => {
    if (response.headersSent) return writeHead(...head);
    const at = headersAt(head);
    const wasSet = response.getHeader(header.name) !== undefined;
    const given = withHeader(head[at], wasSet, header);
    if (given === 'theirs') return writeHead(...head);
    if (given === undefined) return writeBeside(response, header, () => writeHead(...head));
    const [status, ...rest] = head;
    return writeHead(status, ...rest.slice(0, at - 1), given);
  };
}

/** The index at which `writeHead` takes headers: after the status, or after its message. */
function headersAt([, first, second]: Head): number {
  return typeof first === 'string' || (second !== undefined && second !== null) ? 2 : 1;
}

/**
 * The headers given to `writeHead`, with the header added. Undefined if it must be added to the
 * headers that were set before. If both have one of the name, Node only sends those of `writeHead`.
 */
function withHeader(headers: unknown, wasSet: boolean, header: AddedHeader): unknown {
  if (typeof headers !== 'object' || headers === null) return absent(wasSet, header);
  // Node accepts an object, a list of alternating names and values, or a list of pairs.
  if (!Array.isArray(headers)) {
    const entries = withHeaderAmong(Object.entries(headers), wasSet, header);
    return Array.isArray(entries) ? Object.fromEntries(entries) : entries;
  }
  const list = headers as unknown[];
  if (Array.isArray(list[0])) {
    const pairs = list.map((pair) => [...(pair as [string, unknown])] as [string, unknown]);
    return withHeaderAmong(pairs, wasSet, header);
  }
  if (list.length % 2 !== 0) return undefined;
  const pairs = list.flatMap((name, n) =>
    n % 2 === 0 ? [[name, list[n + 1]] as [string, unknown]] : [],
  );
  const among = withHeaderAmong(pairs, wasSet, header);
  return Array.isArray(among) ? among.flat() : among;
}

/** Adds the header to the pairs. Undefined if it must be added to the headers set before. */
function withHeaderAmong(
  pairs: [name: string, value: unknown][],
  wasSet: boolean,
  header: AddedHeader,
): [string, unknown][] | 'theirs' | undefined {
  const { name, value, beside } = header;
  // If several pairs have this name, Node may only send the last.
  const last = pairs.findLast(([given]) => String(given).toLowerCase() === name.toLowerCase());
  if (last === undefined) return wasSet ? absent(wasSet, header) : [...pairs, [name, value]];
  if (beside === 'theirs') return 'theirs';
  // Node rejects an undefined value with an error to the application.
  if (last[1] === undefined) return undefined;
  last[1] = [...valuesOf(last[1]), value];
  return pairs;
}

/** What happens if `writeHead` was given no header of the name. */
function absent(wasSet: boolean, { beside }: AddedHeader): 'theirs' | undefined {
  return wasSet && beside === 'theirs' ? 'theirs' : undefined;
}

/** Writes a head with the header added to those that were set before. */
function writeBeside(
  response: ServerResponse,
  header: AddedHeader,
  write: () => ServerResponse,
): ServerResponse {
  const before = response.getHeader(header.name);
  const name = nameAsSet(response, header.name);
  response.setHeader(name, [...valuesOf(before), header.value]);
  try {
    return write();
  } catch (error) {
    // Restores the headers, because the application may retry with valid ones.
    if (!response.headersSent) {
      if (before === undefined) response.removeHeader(name);
      else response.setHeader(name, before);
    }
    throw error;
  }
}

/** The header's name as the application spelled it. HTTP/2 has a single spelling. */
function nameAsSet(response: ServerResponse, name: string): string {
  const names = (response as { getRawHeaderNames?(): string[] }).getRawHeaderNames?.() ?? [];
  return names.find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
}

function valuesOf(value: unknown): string[] {
  if (value === undefined) return [];
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- as Node writes it
  return Array.isArray(value) ? (value as string[]) : [String(value)];
}
