import type { UsageRecord } from '../../record/index.js';
import { REPORT_DIMENSIONS } from '../../summary/index.js';
import { visibleText } from '../../support/shown-value.js';
import type { Terminal } from './terminal.js';
import { cutText, padText } from './text-width.js';
import { shownBytes, shownDate, shownSeconds } from './units.js';

const clientOf = REPORT_DIMENSIONS.get('client')!.read;

/** A record on one line: when, how it ended, what was asked for, how long it took, who asked. */
export function recordLine(
  record: UsageRecord,
  timeZone: string,
  { columns, style }: Pick<Terminal, 'columns' | 'style'>,
): string {
  const { date, method, url, status, outcome, speed, contentLength } = record;
  const { consumer, username, remoteAddr } = record;
  const who = [consumer ?? username ?? remoteAddr, clientOf(record)].filter(
    (each) => each !== null,
  );
  const line =
    `${shownDate(date, timeZone)} ${padText(shownSeconds(speed), 8, 'right')} ` +
    `${padText(shownBytes(contentLength), 8, 'right')} ` +
    visibleText(
      `${method} ${urlPath(url)} ${who.join(' ')}${outcome === 'aborted' ? ' (aborted)' : ''}`,
    );
  const code = style(status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green', String(status));
  return `${code} ${cutText(line, columns - 4)}`;
}

function urlPath(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/';
}
