import { crc32 } from 'node:zlib';

/**
 * The format of a segment file. It lasts: later versions read it. Lines of text:
 *
 *     nestjs-track-usage journal 1
 *     5f1c09d2 h {"format":1,"storages":[{"name":"sql","place":"…"}],"fields":["id","date",…]}
 *     8a0b7c11 r0 * ["019ec…",1781524800000,…]
 *     03be55aa r1 0,2 ["019ec…",1781524800007,…]
 *     71d2f0c4 a0 0-1
 *     c0ffee00 x1 ________
 *
 * Each line but the first begins with the CRC-32 of the rest of the line. `h` is the header: the
 * storages, by which other lines name them by their index, and the names of a record's values. It is
 * repeated, so that damage to one copy costs no record. `r` is a record: its number in the segment,
 * the storages that it is meant for (`*`: all), and its values. `a` acknowledges records of a
 * storage, which needs them no more. `x` is a record that was erased in place. Lines of another
 * kind are skipped.
 */
export const FORMAT = 1;

const FIRST_LINE = 'nestjs-track-usage journal ';
const ALL = '*';
/** Hexadecimal digits of a line's checksum. */
export const CRC_LENGTH = 8;
const SPACE = 0x20;
const ZERO = 0x30;

/** A storage as a segment names it. */
export interface StorageIdentity {
  readonly name: string;
  /** Server, database and tables, or the file; null if the storage does not say. */
  readonly place: string | null;
}

export interface SegmentHeader {
  readonly format: number;
  readonly storages: readonly StorageIdentity[];
  /** The paths of a record's values, in their order. */
  readonly fields: readonly string[];
}

/** What a line is, by its letter. */
export type LineKind = 'h' | 'r' | 'a' | 'x';

/** A line whose checksum is right. */
export interface SegmentLine {
  readonly kind: LineKind;
  /** Number of a record, index of a storage; 0 of a header. */
  readonly number: number;
  /** Where the rest of the line begins and ends in the bytes. */
  readonly start: number;
  readonly end: number;
}

export function firstLine(): string {
  return `${FIRST_LINE}${FORMAT}\n`;
}

export function headerLine(header: SegmentHeader): string {
  return checked(headerBody(header));
}

/** A header's line without its checksum and line break. */
export function headerBody(header: SegmentHeader): string {
  return `h ${JSON.stringify(header)}`;
}

/**
 * A record's line without its checksum and line break.
 *
 * @param targets Indexes of storages; null: all.
 */
export function recordBody(number: number, targets: readonly number[] | null, json: string) {
  return `r${number} ${targets === null ? ALL : targets.join(',')} ${json}`;
}

/** @param numbers Record numbers, ascending or not. */
export function acknowledgementLine(storage: number, numbers: readonly number[]): string {
  return checked(`a${storage} ${rangesOf(numbers)}`);
}

/** A line of `length` bytes, its line break not included, that takes the place of a record's. */
export function erasedLine(number: number, length: number): string {
  const body = `x${number} `;
  return checked(body + '_'.repeat(Math.max(0, length - CRC_LENGTH - 1 - body.length)));
}

function checked(body: string): string {
  return `${crc32(body).toString(16).padStart(CRC_LENGTH, '0')} ${body}\n`;
}

/** Returns the format that the first line of a file names; null if it is no segment. */
export function formatOf(beginning: Buffer): number | null {
  const [line] = beginning.toString('latin1', 0, 64).split('\n');
  if (!line?.startsWith(FIRST_LINE)) return null;
  const format = Number(line.slice(FIRST_LINE.length));
  return Number.isSafeInteger(format) && format > 0 ? format : null;
}

/** Reads the line in `bytes` from `start` to `end`, which is its line break. Null if it is damaged. */
export function readLine(bytes: Buffer, start: number, end: number): SegmentLine | null {
  const body = start + CRC_LENGTH + 1;
  if (end - body < 2 || bytes[body - 1] !== SPACE) return null;
  const sum = parseInt(bytes.toString('latin1', start, start + CRC_LENGTH), 16);
  if (crc32(bytes.subarray(body, end)) !== sum) return null;
  let at = body + 1;
  let number = 0;
  while (at < end && bytes[at] !== SPACE) number = number * 10 + bytes[at++]! - ZERO;
  return { kind: String.fromCharCode(bytes[body]!) as LineKind, number, start: at + 1, end };
}

/** Whether a damaged line was an acknowledgement or a header, so that no record is lost with it. */
export function isNoRecord(bytes: Buffer, start: number): boolean {
  return /^[0-9a-f]{8} [ah]/.test(bytes.toString('latin1', start, start + CRC_LENGTH + 2));
}

export function parseHeader(bytes: Buffer, { start, end }: SegmentLine): SegmentHeader {
  return JSON.parse(bytes.toString('utf8', start, end)) as SegmentHeader;
}

/** The targets of a record's line, and where its values begin. */
export function targetsOf(
  bytes: Buffer,
  { start, end }: SegmentLine,
): { readonly targets: readonly number[] | null; readonly values: number } {
  const space = bytes.indexOf(SPACE, start);
  const text = bytes.toString('latin1', start, Math.min(space, end));
  const targets = text === ALL ? null : text === '' ? [] : text.split(',').map(Number);
  return { targets, values: space + 1 };
}

/** Calls `each` with every record number that an acknowledgement names. */
export function eachAcknowledged(
  bytes: Buffer,
  { start, end }: SegmentLine,
  each: (number: number) => void,
): void {
  for (const range of bytes.toString('latin1', start, end).split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    for (let number = first!; number <= last!; number++) each(number);
  }
}

function rangesOf(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at]!;
    let last = first;
    while (sorted[++at] === last + 1) last++;
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return ranges.join(',');
}
