import { openInput, openLog } from '../logs/open-log.js';
import { LineSplitter } from '../logs/split-lines.js';
import type { Readable } from 'node:stream';
import type { ImportSource, SourceItem } from '../source-item.js';
import { UnreadableError } from '../unreadable.error.js';
import { recordFromJson } from './read-record.js';

/** Which exports are read. */
export interface NdjsonSourceOptions {
  /** Paths in the order in which they are read; `-` is standard input. */
  readonly files: readonly string[];
  /** Default: the process's. */
  readonly input?: Readable | undefined;
  /** Told of a file that cannot be read (to its end). The others are read all the same. */
  readonly onFailure?: ((file: string, error: unknown) => void) | undefined;
}

/** The records of exports of this library: one JSON object a line, gzipped or not. */
export class NdjsonSource implements ImportSource {
  constructor(private readonly options: NdjsonSourceOptions) {}

  async *read(signal?: AbortSignal): AsyncIterable<readonly SourceItem[]> {
    const { files, onFailure } = this.options;
    for (const file of files) {
      try {
        yield* this.lines(file, signal);
      } catch (error) {
        if (onFailure === undefined) throw error;
        onFailure(file, error);
      }
      if (signal?.aborted) return;
    }
  }

  private async *lines(file: string, signal?: AbortSignal): AsyncIterable<SourceItem[]> {
    const name = file === '-' ? 'standard input' : file;
    const splitter = new LineSplitter();
    const stream = await (file === '-'
      ? openInput(this.options.input ?? process.stdin)
      : openLog(file));
    let line = 0;
    const read = (lines: readonly string[]) =>
      lines.flatMap((text) => {
        line++;
        return text === '' ? [] : [itemOf(text, `${name}:${line}`)];
      });
    try {
      for await (const bytes of stream) {
        yield read(splitter.push(bytes as Buffer));
        if (signal?.aborted) return;
      }
      yield read(splitter.end());
    } finally {
      stream.destroy();
    }
  }
}

/** @param bytes One character each. */
function itemOf(bytes: string, place: string): SourceItem {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  try {
    return { kind: 'record', place, record: recordFromJson(JSON.parse(text)) };
  } catch (error) {
    const isKnown = error instanceof UnreadableError || error instanceof SyntaxError;
    if (!isKnown) throw error;
    const reason = error instanceof SyntaxError ? 'it is no JSON' : error.message;
    return { kind: 'rejected', place, text, reason };
  }
}
