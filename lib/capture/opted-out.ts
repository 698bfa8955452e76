import type { IncomingHttpHeaders } from 'node:http';
import type { CaptureOptions } from './capture-options.js';

/** Whether a request asks not to be tracked (`DNT: 1` or `Sec-GPC: 1`), and that is respected. */
export function isUntraced(
  { respectDoNotTrack }: Pick<CaptureOptions, 'respectDoNotTrack'>,
  headers: IncomingHttpHeaders,
): boolean {
  if (respectDoNotTrack === false) return false;
  return says1(headers['sec-gpc']) || says1(headers.dnt);
}

/** Node joins the values of a header that was sent twice. */
function says1(header: string | string[] | undefined): boolean {
  if (header === undefined || header === '1') return header === '1';
  return String(header)
    .split(',')
    .some((value) => value.trim() === '1');
}
