import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/** Whether a text stands anywhere in a file. */
export function fileHolds(path: string, text: string): boolean {
  const wanted = Buffer.from(text);
  const chunk = Buffer.alloc(CHUNK_BYTES + wanted.length);
  const file = openSync(path, 'r');
  try {
    // What is cut by the end of a chunk is looked for with the next one.
    for (let kept = 0; ;) {
      const read = readSync(file, chunk, kept, CHUNK_BYTES, null);
      if (read === 0) return false;
      const end = kept + read;
      if (chunk.subarray(0, end).includes(wanted)) return true;
      kept = Math.min(wanted.length - 1, end);
      chunk.copyWithin(0, end - kept, end);
    }
  } finally {
    closeSync(file);
  }
}
