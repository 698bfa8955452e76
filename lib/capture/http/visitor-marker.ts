import type { IncomingMessage, ServerResponse, IncomingHttpHeaders } from 'node:http';
import { addCookie } from './added-cookie.js';
import { CAPTURE_OPTIONS, type CaptureOptions } from '../capture-options.js';

/** Reads and writes the cookie that knows a visitor again. */
export interface VisitorCookies {
  /** The id in a `Cookie` header; null if there is none in the form in which they are made. */
  read(header: string | undefined): string | null;
  createId(): string;
  /** What goes into a `Set-Cookie` header. */
  write(id: string, https: boolean): string;
}

/** Knows visitors again, and marks those who come for the first time. */
export class VisitorMarker {
  constructor(private readonly cookies: VisitorCookies) {}

  /**
   * The visitor of a request whose response has not been sent; null where it is too late to say.
   *
   * @param isHttps Asked only if a cookie has to be written.
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
    addCookie(response, this.cookies.write(id, isHttps()));
    return id;
  }
}

/** Whether a request asks not to be tracked (`DNT: 1` or `Sec-GPC: 1`), and that is respected. */
export function hasOptedOut(
  {
    respectDoNotTrack = CAPTURE_OPTIONS.respectDoNotTrack.default,
  }: Pick<CaptureOptions, 'respectDoNotTrack'>,
  headers: IncomingHttpHeaders,
): boolean {
  if (!respectDoNotTrack) return false;
  return containsOne(headers['sec-gpc']) || containsOne(headers.dnt);
}

/** Node joins the values of a header that was sent twice. */
function containsOne(header: string | string[] | undefined): boolean {
  if (header === undefined || header === '1') return header === '1';
  return String(header)
    .split(',')
    .some((value) => value.trim() === '1');
}
