import { Writable } from 'node:stream';
import type { UsageRecord } from '../../record/index.js';
import type { StorageOptions, UsageStorage } from '../contract/usage-storage.js';
import { hearErrors, writeText } from './stream-writes.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { visibleText } from '../../support/shown-value.js';

/**
 * The options of `OutputWriter`.
 *
 * @publicApi
 */
export interface OutputWriterOptions extends StorageOptions {
  /**
   * The stream to write to.
   * @default process.stderr
   */
  output?: NodeJS.WritableStream;
  /**
   * Returns the text of a record, its line break included. Control characters in it are not
   * escaped.
   * @default the record as one line of JSON, control characters escaped
   */
  transform?: (record: UsageRecord) => string;
}

/**
 * Writes records to a stream. It supports no queries.
 *
 * @example
 * new OutputWriter({ output: createWriteStream('usage.ndjson', { flags: 'a' }) });
 *
 * @publicApi
 */
export class OutputWriter implements UsageStorage {
  readonly name: string;
  private readonly output: NodeJS.WritableStream;
  private readonly transform: (record: UsageRecord) => string;

  /**
   * @throws {TrackUsageOptionsError} if `output` is not writable or `transform` is not a function.
   */
  constructor(readonly options: OutputWriterOptions = {}) {
    const { name = 'output', output = process.stderr, transform = recordLine } = options;
    if (!isWritable(output))
      throw new TrackUsageOptionsError(
        'output',
        output,
        'a writable stream, such as process.stderr or fs.createWriteStream(file)',
        { owner: new.target.name, given: output === null ? 'null' : typeof output },
      );
    if (typeof transform !== 'function')
      throw new TrackUsageOptionsError(
        'transform',
        transform,
        'a function that makes text of a record',
        { owner: new.target.name },
      );
    this.name = name;
    this.output = output;
    this.transform = transform;
    hearErrors(output);
  }

  /**
   * Writes the records. Resolves when the stream has accepted the text of all of them.
   *
   * @throws {StorageUnavailableError} if the stream fails. A failure, whenever it comes, has no
   * other effect.
   */
  async store(records: readonly UsageRecord[]): Promise<void> {
    const text = records.map((record) => this.transform(record)).join('');
    await writeText('OutputWriter', this.output, text);
  }
}

function recordLine(record: UsageRecord): string {
  return `${visibleText(JSON.stringify(record))}\n`;
}

function isWritable(output: unknown): boolean {
  if (output instanceof Writable) return output.writable;
  return (
    typeof output === 'object' &&
    output !== null &&
    typeof (output as NodeJS.WritableStream).write === 'function' &&
    (output as NodeJS.WritableStream).writable !== false
  );
}
