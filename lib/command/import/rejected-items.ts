import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { RejectedItem } from './source-item.js';

/** How many are shown. */
const SHOWN = 10;
const SHOWN_LENGTH = 200;

/** Keeps the first things that cannot be read, to be shown, and writes all of them to a file. */
export class RejectedItems {
  readonly first: RejectedItem[] = [];
  private readonly file: WriteStream | null;
  private failure: Error | undefined;
  private isClosed = false;

  /**
   * @param path The file, which is made anew; null: none.
   * @param encoding `latin1` for texts of bytes, one character each.
   */
  constructor(
    path: string | null,
    private readonly encoding: 'latin1' | 'utf8',
  ) {
    this.file = path === null ? null : createWriteStream(path);
    this.file?.on('error', (error) => (this.failure = error));
  }

  add(item: RejectedItem): void {
    this.file?.write(`${item.text}\n`, this.encoding);
    if (this.first.length >= SHOWN) return;
    const text = Buffer.from(item.text, this.encoding).toString('utf8').slice(0, SHOWN_LENGTH);
    this.first.push({ ...item, text });
  }

  /** @throws {Error} if the file could not be written. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.file !== null && this.failure === undefined) {
      this.file.end();
      await finished(this.file);
    }
    if (this.failure !== undefined) throw new Error(`--rejected: ${this.failure.message}`);
  }
}
