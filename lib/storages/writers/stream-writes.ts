import type { Writable } from 'node:stream';
import { StorageUnavailableError } from '../contract/storage-errors.js';

type Stream = NodeJS.WritableStream;

/** The state of a stream that is written to. */
interface HeardStream {
  /** Its first failure. */
  error: Error | null;
  /** Rejects of the writes in flight, called when the stream fails or closes. */
  readonly pending: Set<(error: Error) => void>;
}

const heardStreams = new WeakMap<Stream, HeardStream>();

/**
 * Handles the errors of a stream from now on, so that none becomes an uncaught exception: before
 * the first write, between two writes, or after the last one.
 */
export function hearErrors(stream: Stream): void {
  listenTo(stream);
}

/**
 * Writes text. Resolves when the stream has accepted it.
 *
 * @param writer Name of the writer in messages.
 * @throws {StorageUnavailableError} if the stream fails or closes before that, or already has.
 */
export async function writeText(writer: string, stream: Stream, text: string): Promise<void> {
  const known = listenTo(stream);
  try {
    await new Promise<void>((resolve, reject) => {
      known.pending.add(reject);
      const end = (error?: Error | null) => {
        known.pending.delete(reject);
        if (error) reject(error);
        else resolve();
      };
      try {
        stream.write(text, end);
      } catch (error) {
        end(error as Error);
      }
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Report what destroyed the stream, not that it is destroyed.
    const first = (stream as Partial<Writable>).errored ?? known.error;
    const { message } = (code === 'ERR_STREAM_DESTROYED' && first) || (error as Error);
    throw new StorageUnavailableError(
      `${writer}: the stream takes nothing that is written: ${message}. Give it one that works, ` +
        'and that stays open until the application has been closed.',
      { cause: error },
    );
  }
}

function listenTo(stream: Stream): HeardStream {
  const known = heardStreams.get(stream);
  if (known) return known;
  const fresh: HeardStream = { error: null, pending: new Set() };
  heardStreams.set(stream, fresh);
  const fail = (error: Error) => {
    for (const reject of fresh.pending) reject(error);
    fresh.pending.clear();
  };
  if (typeof stream.on !== 'function') return fresh;
  stream.on('error', (error: Error) => {
    fresh.error ??= error;
    fail(error);
  });
  stream.on('close', () => fail(new Error('it was closed')));
  return fresh;
}
