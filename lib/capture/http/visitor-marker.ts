import type { IncomingMessage, ServerResponse, IncomingHttpHeaders } from 'node:http';
import { addHeader } from './added-header.js';
import { CAPTURE_OPTIONS, type CaptureOptions } from '../capture-options.js';

/** Reads and writes the cookie that identifies a returning visitor. */
export interface VisitorCookies {
  /** The id in a `Cookie` header; null if the header has none of the form of `createId`. */
  read(header: string | undefined): string | null;
  createId(): string;
  /** The value of a `Set-Cookie` header. */
  write(id: string, https: boolean): string;
}

/** Recognises returning visitors and sets the cookie for new ones. */
export class VisitorMarker {
  constructor(private readonly cookies: VisitorCookies) {}

  /**
   * The visitor of a request. Null if the visitor is new and the head was already sent, so that no
   * cookie can be set.
   *
   * @param isHttps Only called if a cookie must be written.
   */
  visitorOf(
    request: IncomingMessage,
    response: ServerResponse,
    isHttps: () => boolean,
  ): string | null {
    const known = this.cookies.read(request.headers.cookie);
    if (known !== null) return known;
    if (response.headersSent) return null;
    const id = this.cookies.createId();
    const value = this.cookies.write(id, isHttps());
    addHeader(response, { name: 'Set-Cookie', value, beside: 'both' });
    return id;
  }
}

/** Whether a request has `DNT: 1` or `Sec-GPC: 1` and the options respect it. */
export function hasOptedOut(
  {
    respectDoNotTrack = CAPTURE_OPTIONS.respectDoNotTrack.default,
  }: Pick<CaptureOptions, 'respectDoNotTrack'>,
  headers: IncomingHttpHeaders,
): boolean {
  if (!respectDoNotTrack) return false;
  return containsOne(headers['sec-gpc']) || containsOne(headers.dnt);
}

/** Whether a header has the value `1`. Node joins the values of a header that was sent twice. */
function containsOne(header: string | string[] | undefined): boolean {
  if (header === undefined || header === '1') return header === '1';
  return String(header)
    .split(',')
    .some((value) => value.trim() === '1');
}
