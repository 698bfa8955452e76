import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { TRAFFIC } from '../traffic.js';

const ADDRESSES = 100;
const START = Date.UTC(2026, 5, 1);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun'];
const PORTION = 2000;

/** Writes an access log in the combined form: 20 requests a second, from `first` on. */
export async function writeAccessLog(path: string, first: number, lines: number): Promise<void> {
  const stream = createWriteStream(path);
  for (let at = first; at < first + lines; at += PORTION) {
    const end = Math.min(at + PORTION, first + lines);
    const part = Array.from({ length: end - at }, (_, index) => lineOf(at + index)).join('');
    if (!stream.write(part)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}

function lineOf(at: number): string {
  const { target, referrer, userAgent } = TRAFFIC[scatter(at) % TRAFFIC.length]!;
  const date = new Date(START + Math.floor(at / 20) * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const address = `203.0.113.${scatter(at * 3) % ADDRESSES}`;
  const status = scatter(at * 7) % 50 === 0 ? 500 : 200;
  const bytes = 80 + (scatter(at * 11) % 4000);
  return (
    `${address} - - [${day}:${time} +0000] "GET ${target} HTTP/1.1" ${status} ${bytes} ` +
    `"${referrer ?? '-'}" "${userAgent}"\n`
  );
}

/** The same number for the same line, without an order that is seen. */
function scatter(value: number): number {
  return Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 8;
}
