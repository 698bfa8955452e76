import { randomFillSync, randomInt } from 'node:crypto';

const POOL_SIZE = 4096;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const HEX_DIGITS = '0123456789abcdef';

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

/** Creates a UUIDv7. Ids of this process sort by arrival. */
export function requestId({ stamp, sequence }: SequenceNumber): string {
  // 48 bits of time, 4 of the version, 2 of the variant between the sequence's 32, 42 random.
  return (
    timeOf(stamp) +
    HEX_DIGITS[sequence >>> 28]! +
    HEX[(sequence >>> 20) & 0xff]! +
    '-' +
    HEX[0x80 | ((sequence >>> 14) & 0x3f)]! +
    HEX[(sequence >>> 6) & 0xff]! +
    '-' +
    HEX[((sequence << 2) & 0xff) | (nextRandomByte() & 3)]! +
    HEX[nextRandomByte()]! +
    HEX[nextRandomByte()]! +
    HEX[nextRandomByte()]! +
    HEX[nextRandomByte()]! +
    HEX[nextRandomByte()]!
  );
}

let timeStamp = -1;
let timeText = '';

/** The beginning of an id: time and version. Cached, because many requests share a millisecond. */
function timeOf(stamp: number): string {
  if (stamp !== timeStamp) {
    const hex = stamp.toString(16).padStart(12, '0');
    timeText = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    timeStamp = stamp;
  }
  return timeText;
}

function nextRandomByte(): number {
  if (poolAt === POOL_SIZE) {
    randomFillSync(pool);
    poolAt = 0;
  }
  return pool[poolAt++] ?? 0;
}
