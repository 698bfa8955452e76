import { randomFillSync, randomInt } from 'node:crypto';
import { v7 } from 'uuid';

const POOL_SIZE = 4096;
/** Of the 16 random bytes that a version 7 takes, those that a sequence number leaves. */
const FIRST_RANDOM_BYTE = 10;

const pool = new Uint8Array(POOL_SIZE);
const random = new Uint8Array(16);
let poolAt = POOL_SIZE;

let lastStamp = 0;
// A process starts anywhere, so that two of them rarely count alike within one millisecond.
let lastSequence = randomInt(2 ** 31);

/**
 * The place of a request among all requests of this process: milliseconds that never run
 * backwards, though the clock may, and a number that rises within them.
 */
export interface ArrivalOrder {
  stamp: number;
  sequence: number;
}

/** Notes on `order` that a request arrived at `date`. */
export function takePlace(order: ArrivalOrder, date: number): void {
  lastSequence = (lastSequence + 1) >>> 0;
  if (date > lastStamp) lastStamp = date;
  else if (lastSequence === 0) lastStamp++;
  order.stamp = lastStamp;
  order.sequence = lastSequence;
}

/** UUIDv7 that sorts by arrival among all that this process makes. */
export function requestId({ stamp, sequence }: ArrivalOrder): string {
  for (let at = FIRST_RANDOM_BYTE; at < random.length; at++) random[at] = nextRandomByte();
  return v7({ msecs: stamp, seq: sequence, random });
}

function nextRandomByte(): number {
  if (poolAt === POOL_SIZE) {
    randomFillSync(pool);
    poolAt = 0;
  }
  return pool[poolAt++] ?? 0;
}
