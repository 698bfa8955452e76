import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HashTable } from './hash-table.js';

/** Tables of hashes that lie in a temporary file. */
export class SpilledSegments {
  private readonly places = new Map<number, { readonly at: number; readonly bytes: number }>();
  private folder: string | undefined;
  private file = -1;
  private end = 0;

  put(key: number, segment: HashTable): void {
    const entries = segment.entries();
    const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength);
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.open(), bytes, done, bytes.length - done, this.end + done);
    this.places.set(key, { at: this.end, bytes: bytes.length });
    this.end += bytes.length;
  }

  /** Takes a segment back; undefined if there is none of this key. */
  take(key: number): HashTable | undefined {
    const place = this.places.get(key);
    if (place === undefined) return undefined;
    this.places.delete(key);
    const entries = new Uint32Array(place.bytes / Uint32Array.BYTES_PER_ELEMENT);
    const bytes = Buffer.from(entries.buffer);
    for (let done = 0; done < place.bytes;) {
      const read = readSync(this.open(), bytes, done, place.bytes - done, place.at + done);
      if (read === 0) throw new Error('The temporary file of the import was cut while it ran.');
      done += read;
    }
    return HashTable.of(entries);
  }

  close(): void {
    if (this.folder === undefined) return;
    closeSync(this.file);
    rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }

  private open(): number {
    if (this.folder === undefined) {
      this.folder = mkdtempSync(join(tmpdir(), 'nestjs-track-usage-import-'));
      this.file = openSync(join(this.folder, 'counts'), 'w+', 0o600);
    }
    return this.file;
  }
}
