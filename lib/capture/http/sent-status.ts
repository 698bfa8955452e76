import type { ServerResponse } from 'node:http';

/** What Node's two kinds of responses know of the head that they wrote. */
interface WrittenHead {
  /** The whole head of HTTP/1, beginning with `HTTP/1.1 200 `. */
  readonly _header?: unknown;
  readonly stream?: { readonly sentHeaders?: { readonly ':status'?: number } };
}

const STATUS_AT = 'HTTP/1.1 '.length;

/**
 * The status of the head as it was written, which `statusCode` need not be: it can be set long
 * after. Interim answers, such as 103, are no head.
 */
export function sentStatus(response: ServerResponse): number {
  const { _header, stream } = response as WrittenHead;
  if (typeof _header === 'string' && _header.startsWith('HTTP/')) {
    return Number(_header.slice(STATUS_AT, STATUS_AT + 3));
  }
  return stream?.sentHeaders?.[':status'] ?? response.statusCode;
}
