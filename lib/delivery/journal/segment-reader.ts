import { read } from 'node:fs';
import { promisify } from 'node:util';
import { readLine, type SegmentLine } from './segment-lines.js';

const CHUNK_BYTES = 128 * 1024;
const LINE_BREAK = 0x0a;
const readAt = promisify(read);

/** Lines of a file in a row. */
export interface LineChunk {
  readonly bytes: Buffer;
  /** The offset in the file of the first byte. */
  readonly offset: number;
  /** The offset in the file after the last whole line. */
  readonly next: number;
  /** What follows the last whole line in what was read. */
  readonly rest: Buffer;
}

/** Reads whole lines from `offset`, none from `end` on. Empty if no line ends before it. */
export async function readChunk(fd: number, offset: number, end: number): Promise<LineChunk> {
  for (let size = CHUNK_BYTES; ; size *= 2) {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(size, end - offset)));
    let filled = 0;
    for (let got = -1; got !== 0 && filled < buffer.length; filled += got)
      got = (await readAt(fd, buffer, filled, buffer.length - filled, offset + filled)).bytesRead;
    const whole = buffer.subarray(0, filled).lastIndexOf(LINE_BREAK) + 1;
    // A line that is longer than a chunk is read with a larger one.
    if (whole > 0 || filled < size || offset + filled >= end)
      return {
        bytes: buffer.subarray(0, whole),
        rest: buffer.subarray(whole, filled),
        offset,
        next: offset + whole,
      };
  }
}

/**
 * Calls `each` with every line of a chunk: null where it is damaged, and where it begins and ends
 * in the chunk's bytes.
 */
export function eachLine(
  bytes: Buffer,
  each: (line: SegmentLine | null, start: number, end: number) => void,
): void {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_BREAK, start);
    each(readLine(bytes, start, end), start, end);
    start = end + 1;
  }
}
