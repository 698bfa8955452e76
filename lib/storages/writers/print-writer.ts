import type { UsageRecord } from '../../record/index.js';
import type { StorageOptions, UsageStorage } from '../contract/usage-storage.js';
import { hearErrors, writeText } from './stream-writes.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { visibleText } from '../../support/shown-value.js';

/**
 * The options of `PrintWriter`.
 *
 * @publicApi
 */
export interface PrintWriterOptions extends StorageOptions {
  /**
   * Returns the text of a record.
   * @default date, method, URL, status, milliseconds, bytes and address in one line
   */
  transform?: (record: UsageRecord) => string;
}

/**
 * Prints records on the console, one per line, with control characters escaped. It supports no
 * queries.
 *
 * @example
 * new PrintWriter({ transform: ({ method, path, status }) => `${method} ${path} ${status}` });
 *
 * @publicApi
 */
export class PrintWriter implements UsageStorage {
  readonly name: string;
  private readonly transform: (record: UsageRecord) => string;

  /** @throws {TrackUsageOptionsError} if `transform` is not a function. */
  constructor(readonly options: PrintWriterOptions = {}) {
    const { name = 'print', transform = shortLine } = options;
    if (typeof transform !== 'function')
      throw new TrackUsageOptionsError(
        'transform',
        transform,
        'a function that makes text of a record',
        { owner: 'PrintWriter' },
      );
    this.name = name;
    this.transform = transform;
  }

  /**
   * Prints a batch.
   *
   * @throws {StorageUnavailableError} if standard output fails. A failure has no other effect.
   */
  async store(records: readonly UsageRecord[]): Promise<void> {
    // Make all texts first: if a transform throws, nothing is printed.
    const lines = records.map((record) => visibleText(this.transform(record)));
    hearErrors(process.stdout);
    for (const line of lines) console.log(line);
    // The console hides its errors. A write after it reports them.
    await writeText('PrintWriter', process.stdout, '');
  }
}

function shortLine(record: UsageRecord): string {
  return [
    record.date.toISOString(),
    record.method,
    record.url,
    record.status,
    `${(record.speed * 1000).toFixed(1)}ms`,
    `${record.contentLength}B`,
    record.remoteAddr ?? '-',
  ].join(' ');
}
