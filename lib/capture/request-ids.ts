import { randomFillSync, randomInt } from 'node:crypto';

const POOL_SIZE = 4096;
const HEX_DIGITS = Buffer.from('0123456789abcdef');

const pool = new Uint8Array(POOL_SIZE);
let poolAt = POOL_SIZE;

let lastStamp = 0;
// Starts at random, so that two processes rarely use equal sequences within one millisecond.
let lastSequence = randomInt(2 ** 31);

/**
 * The sequence number of a request within this process. `stamp` is in milliseconds and never runs
 * backwards, even if the clock does. `sequence` rises with each request.
 */
export interface SequenceNumber {
  stamp: number;
  sequence: number;
}

/** Sets the sequence number of a request that arrived at `date`. */
export function assignSequence(order: SequenceNumber, date: number): void {
  lastSequence = (lastSequence + 1) >>> 0;
  if (date > lastStamp) lastStamp = date;
  else if (lastSequence === 0) lastStamp++;
  order.stamp = lastStamp;
  order.sequence = lastSequence;
}

/** The characters of the id that is being made. The dashes and the version never change. */
const text = Buffer.from('00000000-0000-7000-0000-000000000000', 'latin1');
let timeStamp = -1;

/** Creates a UUIDv7. Ids of this process sort by arrival. */
export function requestId({ stamp, sequence }: SequenceNumber): string {
  writeTime(stamp);
  // 48 bits of time, 4 of the version, 2 of the variant between the sequence's 32, 42 random.
  text[15] = HEX_DIGITS[sequence >>> 28]!;
  writeByte(16, sequence >>> 20);
  writeByte(19, 0x80 | ((sequence >>> 14) & 0x3f));
  writeByte(21, sequence >>> 6);
  writeByte(24, (sequence << 2) | (nextRandomByte() & 3));
  for (let at = 26; at < 36; at += 2) writeByte(at, nextRandomByte());
  // A text that is put together from its parts would keep them all until it is first read: half a
  // kilobyte for each record that waits.
  return text.toString('latin1');
}

/** Writes the time. Many requests share a millisecond. */
function writeTime(stamp: number): void {
  if (stamp === timeStamp) return;
  const hex = stamp.toString(16).padStart(12, '0');
  text.write(hex.slice(0, 8), 0, 'latin1');
  text.write(hex.slice(8), 9, 'latin1');
  timeStamp = stamp;
}

function writeByte(at: number, byte: number): void {
  text[at] = HEX_DIGITS[(byte >>> 4) & 15]!;
  text[at + 1] = HEX_DIGITS[byte & 15]!;
}

function nextRandomByte(): number {
  if (poolAt === POOL_SIZE) {
    randomFillSync(pool);
    poolAt = 0;
  }
  return pool[poolAt++] ?? 0;
}
