import { SpilledSegments } from './spilled-segments.js';
import { HashTable } from './hash-table.js';

/** Milliseconds of one segment: about four and a half minutes. */
const SEGMENT_MS = 2 ** 18;
/** The most hashes in memory; the segment in use may be larger. */
const MAX_HELD = 250_000;

/**
 * Counts how often each content has come before. Equal contents have equal dates, so it keeps the
 * hashes of one span of time together. Only spans that are in use are in memory, the others lie in a
 * temporary file: memory stays flat, whatever the order of the dates and the number of contents.
 */
export class RepeatCounter {
  /** The latest used last. */
  private readonly held = new Map<number, HashTable>();
  private readonly spilled = new SpilledSegments();
  private size = 0;

  /**
   * Returns how many equal hashes came before, at the same date.
   *
   * @param date Milliseconds since the epoch.
   * @param hash In hexadecimal, at least 16 digits.
   */
  add(date: number, hash: string): number {
    const segment = this.segmentAt(Math.floor(date / SEGMENT_MS));
    const before = segment.size;
    const count = segment.add(parseInt(hash.slice(0, 8), 16), parseInt(hash.slice(8, 16), 16));
    this.size += segment.size - before;
    return count;
  }

  /** Removes the temporary file. */
  close(): void {
    this.held.clear();
    this.spilled.close();
  }

  private last = -1;
  private lastSegment: HashTable | undefined;

  private segmentAt(key: number): HashTable {
    if (key === this.last && this.lastSegment !== undefined) return this.lastSegment;
    let segment = this.held.get(key);
    if (segment === undefined) {
      this.makeRoom();
      segment = this.spilled.take(key) ?? new HashTable();
      this.size += segment.size;
    } else {
      this.held.delete(key);
    }
    this.held.set(key, segment);
    this.last = key;
    this.lastSegment = segment;
    return segment;
  }

  private makeRoom(): void {
    for (const [key, segment] of this.held) {
      if (this.size <= MAX_HELD) return;
      this.spilled.put(key, segment);
      this.held.delete(key);
      this.size -= segment.size;
    }
  }
}
