import type { Readable } from 'node:stream';
import type { ImportSource, SourceItem } from '../source-item.js';
import { UnreadableError } from '../unreadable.error.js';
import { followLog } from './follow-log.js';
import { detectedFormat } from './known-formats.js';
import type { LogFormat } from './log-format.js';
import { LogReader } from './log-reader.js';
import { openInput, openLog } from './open-log.js';
import { LineSplitter } from './split-lines.js';
import { RequestMapper, type LogSettings } from './to-request.js';

/** Which logs are read, and how. */
export interface LogSourceOptions extends LogSettings {
  /** Paths in the order in which they are read; `-` is standard input. */
  readonly files: readonly string[];
  readonly format?: LogFormat | undefined;
  /** Waits for what is appended to the last file, also after it was rotated. */
  readonly follow?: boolean | undefined;
  /** Default: the process's. */
  readonly input?: Readable | undefined;
  /** Told of a file that cannot be read (to its end). The others are read all the same. */
  readonly onFailure?: ((file: string, error: unknown) => void) | undefined;
}

/** The requests of access logs, one after the other. */
export class LogSource implements ImportSource {
  private readonly mapper: RequestMapper;

  constructor(private readonly options: LogSourceOptions) {
    this.mapper = new RequestMapper(options);
  }

  async *read(signal?: AbortSignal): AsyncIterable<readonly SourceItem[]> {
    const { files, follow, onFailure } = this.options;
    for (const [at, file] of files.entries()) {
      try {
        const follows = follow === true && at === files.length - 1 && file !== '-';
        yield* follows ? this.followed(file, signal) : this.whole(file, signal);
      } catch (error) {
        if (onFailure === undefined || error instanceof UnreadableError) throw error;
        onFailure(file, error);
      }
      if (signal?.aborted) return;
    }
  }

  private reader(file: string): LogReader {
    const name = file === '-' ? 'standard input' : file;
    return new LogReader(name, (this.options.format ?? detectedFormat).open(), this.mapper);
  }

  private async *whole(file: string, signal?: AbortSignal): AsyncIterable<SourceItem[]> {
    const reader = this.reader(file);
    const splitter = new LineSplitter();
    const stream = await (file === '-'
      ? openInput(this.options.input ?? process.stdin)
      : openLog(file));
    try {
      for await (const bytes of stream) {
        yield reader.read(splitter.push(bytes as Buffer));
        if (signal?.aborted) return;
      }
    } catch (error) {
      // What a broken file holds before the break is read.
      yield reader.read(splitter.end());
      throw error;
    } finally {
      stream.destroy();
    }
    yield reader.read(splitter.end());
  }

  private async *followed(file: string, signal?: AbortSignal): AsyncIterable<SourceItem[]> {
    const reader = this.reader(file);
    for await (const lines of followLog(file, signal)) yield reader.read(lines);
  }
}
