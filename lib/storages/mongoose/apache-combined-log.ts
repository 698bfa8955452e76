import type { UsageRecord } from '../../record/index.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const PRINTABLE = /^[ !#-[\]-~]*$/;

type LoggedFields = Pick<
  UsageRecord,
  | 'remoteAddr'
  | 'username'
  | 'date'
  | 'method'
  | 'url'
  | 'protocol'
  | 'status'
  | 'contentLength'
  | 'referrer'
  | 'userAgent'
>;

/**
 * Formats a record as a line of the combined log format, without a line break:
 *
 *     192.0.2.7 - ada [01/Jun/2026:12:00:00 +0000] "GET /cats?q=a HTTP/1.1" 200 42 "-" "curl/8.5.0"
 *
 * Every byte that is not printable ASCII is escaped as `\xHH`, and so are quotes and backslashes.
 * So no value can end its field or the line.
 *
 * @example
 * for await (const record of usage.streamUsage()) log.write(`${apacheCombinedLog(record)}\n`);
 *
 * @publicApi
 */
export function apacheCombinedLog(record: LoggedFields): string {
  const request = `${escapeWord(record.method)} ${escapeWord(targetOf(record.url))} ${escapeWord(record.protocol)}`;
  return [
    escapeWord(record.remoteAddr ?? '-'),
    '-',
    escapeWord(record.username || '-'),
    `[${timestamp(record.date)}]`,
    `"${request}"`,
    record.status,
    record.contentLength > 0 ? record.contentLength : '-',
    `"${escapeText(record.referrer || '-')}"`,
    `"${escapeText(record.userAgent.string || '-')}"`,
  ].join(' ');
}

function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${year}:${time} +0000`;
}

// The path and the query of an absolute URL.
function targetOf(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url);
  const target = match ? url.slice(match[0].length) : url;
  return target === '' ? '/' : target;
}

function escapeText(text: string): string {
  if (PRINTABLE.test(text)) return text;
  let line = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    line += PRINTABLE.test(character) ? character : escapeByte(byte);
  }
  return line;
}

// Outside of quotes, and between the parts of a request, spaces and brackets are also delimiters.
function escapeWord(text: string): string {
  return (
    escapeText(text).replace(/[ [\]]/g, (character) => escapeByte(character.charCodeAt(0))) || '-'
  );
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
