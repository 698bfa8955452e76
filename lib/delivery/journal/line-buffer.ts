import { crc32 } from 'node:zlib';
import { CRC_LENGTH } from './segment-lines.js';

const INITIAL_BYTES = 128 * 1024;
/** A buffer that has become larger is not kept. */
const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_BYTES_PER_CHARACTER = 3;
const SPACE = 0x20;
const LINE_BREAK = 0x0a;
const HEX_DIGITS = Buffer.from('0123456789abcdef');

/**
 * Lines with their checksums, made in one buffer that is used again: a text that is put together
 * and then copied into a buffer of its own takes twice as long.
 */
export class LineBuffer {
  private kept = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private length = 0;

  /** The lines since `clear`. Valid until the next one. */
  get bytes(): Buffer {
    return this.kept.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.kept.length > MAX_KEPT_BYTES) this.kept = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** Adds a line: its checksum, and its body. */
  add(body: string): void {
    const at = this.length;
    const start = at + CRC_LENGTH + 1;
    this.reserve(start + body.length * MAX_BYTES_PER_CHARACTER + 1);
    const { kept } = this;
    const end = start + kept.write(body, start);
    let sum = crc32(kept.subarray(start, end));
    for (let digit = at + CRC_LENGTH - 1; digit >= at; digit--) {
      kept[digit] = HEX_DIGITS[sum & 15]!;
      sum >>>= 4;
    }
    kept[start - 1] = SPACE;
    kept[end] = LINE_BREAK;
    this.length = end + 1;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.kept.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.kept.copy(larger, 0, 0, this.length);
    this.kept = larger;
  }
}
