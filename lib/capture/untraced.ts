import type { IncomingHttpHeaders } from 'node:http';
import type { CaptureOptions } from './capture-options.js';

/** Whether a request asks not to be tracked (`DNT: 1` or `Sec-GPC: 1`), and that is respected. */
export function isUntraced(
  { respectDoNotTrack }: Pick<CaptureOptions, 'respectDoNotTrack'>,
  headers: IncomingHttpHeaders,
): boolean {
  if (respectDoNotTrack === false) return false;
  return headers['sec-gpc'] === '1' || headers.dnt === '1';
}
