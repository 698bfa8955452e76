import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LineSplitter } from './split-lines.js';

const POLL_MS = 250;
const PORTION_BYTES = 65_536;

/**
 * Yields the lines of a file, and then those that are appended, until the signal is aborted. If the
 * file is rotated (renamed, or copied and truncated), the rest of the old one is read, then the new
 * one from its beginning. Looks four times a second.
 *
 * @throws {Error} if the file is not there at first.
 */
export async function* followLog(path: string, signal?: AbortSignal): AsyncIterable<string[]> {
  let file = await open(path);
  let at = 0;
  let splitter = new LineSplitter();
  try {
    for (;;) {
      const read = await readFrom(file, at);
      if (read.length > 0) {
        at += read.length;
        yield splitter.push(read);
        continue;
      }
      if (signal?.aborted) return;
      const next = await rotated(path, file, at);
      if (next === null) {
        // An empty portion lets the importer store what it has.
        yield [];
        await delay(POLL_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
        continue;
      }
      yield splitter.end();
      if (next !== file) await file.close();
      file = next;
      at = 0;
      splitter = new LineSplitter();
    }
  } finally {
    await file.close();
  }
}

async function readFrom(file: FileHandle, at: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(PORTION_BYTES), 0, PORTION_BYTES, at);
  return buffer.subarray(0, bytesRead);
}

/** The file that has taken the place of this one; the same if it was truncated; null if neither. */
async function rotated(path: string, file: FileHandle, at: number): Promise<FileHandle | null> {
  const [now, mine] = await Promise.all([stat(path).catch(() => null), file.stat()]);
  if (now === null) return null;
  if (now.ino === mine.ino && now.dev === mine.dev) return mine.size < at ? file : null;
  // Whoever writes goes on with the old file until it is told: its rest was read just now, and
  // again here, because it may have grown since.
  return mine.size > at ? null : open(path);
}
