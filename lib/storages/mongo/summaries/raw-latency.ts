import { LATENCY_SLOTS, type OnSlot } from '../../../summary/index.js';

const [DOUBLE, INT32, INT64] = [0x01, 0x10, 0x12];
const [ZERO, NINE] = [0x30, 0x39];
/** Bytes of a document's length before its first element. */
const HEAD = 4;

/**
 * Reads the latency counts of a stored row from the bytes of BSON in which they came. A report adds
 * up thousands of rows with dozens of slots each, which the driver would make objects of.
 *
 * @throws {Error} if a slot or a count is none.
 */
export function readRawLatency(bytes: Uint8Array, onSlot: OnSlot): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEAD; at < bytes.length && bytes[at] !== 0;) {
    const type = bytes[at++];
    let slot = 0;
    for (let code = bytes[at++]!; code !== 0; code = bytes[at++]!) {
      if (!(code >= ZERO && code <= NINE)) throw unreadable();
      slot = slot * 10 + code - ZERO;
    }
    let count: number;
    if (type === INT32) {
      count = view.getInt32(at, true);
      at += 4;
    } else if (type === INT64) {
      count = Number(view.getBigInt64(at, true));
      at += 8;
    } else if (type === DOUBLE) {
      count = view.getFloat64(at, true);
      at += 8;
    } else throw unreadable();
    if (slot >= LATENCY_SLOTS) throw unreadable();
    if (count !== 0) onSlot(slot, count);
  }
}

function unreadable(): Error {
  return new Error(
    'MongoStorage: latency: expected counts by their slots, but a row has something else. ' +
      'It may have been written by a newer version of this package; rebuildSummaries() recomputes it.',
  );
}
