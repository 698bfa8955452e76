import {
  isNamedKey,
  SUMMARY_PERIODS,
  type Summarizer,
  type SummaryPeriod,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { keysNaming, recordsOf } from '../base/eraser.js';
import type { CouchDocument } from './connection/couch-database.js';
import type { RecordReader } from './records/record-reader.js';
import { documentChangedError, type RecordWriter } from './records/record-writer.js';
import type { UsageDocument } from './records/record-mapper.js';
import { hexOfKey, keyOfHex, withFoldedKey } from './summaries/document-sums.js';
import { SumReader } from './summaries/sum-reader.js';
import { stretchOf, type SumView } from './summaries/sum-view.js';
import type { ParsedSubject } from '../base/parse-subject.js';

const ATTEMPTS = 5;

/**
 * Erases a subject. Deleting its documents also removes what they add to sums. A document whose
 * record has been pruned holds only what it adds to sums, so its key is replaced by `(other)`.
 */
export class Eraser {
  readonly correctsAll = true;

  constructor(
    private readonly records: RecordReader,
    private readonly writer: RecordWriter,
    private readonly sums: SumView,
    private readonly summarizer: Summarizer,
  ) {}

  /** @returns The number of the subject's deleted records. */
  async forget(subject: ParsedSubject): Promise<number> {
    const { field, value } = subject;
    const count = await this.changeAll(
      () => this.records.documents(recordsOf(subject)),
      ({ _id, _rev, record }) =>
        record?.[field] === value ? { _id, _rev: _rev!, _deleted: true } : null,
    );
    const erased = new ErasedRows(subject, this.summarizer, {});
    const scanner = new SumReader(this.sums);
    for (const dimension of await this.sums.dimensions()) {
      if (!erased.isNamedIn(dimension)) continue;
      for (const key of await keysNaming(scanner, dimension, erased)) {
        const hex = hexOfKey(key);
        await this.changeAll(
          () => this.named(dimension, hex),
          (document) => foldKey(document, dimension, hex),
        );
      }
    }
    return count;
  }

  dimensions(): Promise<string[]> {
    return this.sums.dimensions();
  }

  /** Replaces the named keys of old documents by `(other)`, in one period. */
  async foldKeys(dimension: string, period: SummaryPeriod, before: number): Promise<number> {
    const stretch = stretchOf(dimension, period, { first: null, last: before - 1 });
    let count = 0;
    for await (const rows of this.sums.inParts(stretch, 4))
      for (const { key } of rows) {
        const [, , bucket, hex] = key;
        if (!isNamedKey(keyOfHex(hex))) continue;
        const row = [dimension, period, bucket, hex] as const;
        count += await this.changeAll(
          () => this.documentsOf(row),
          (document) => withKeyFolded(document, dimension, hex, [period]),
        );
      }
    return count;
  }

  private async *documentsOf(
    row: readonly [string, SummaryPeriod, string, string],
  ): AsyncGenerator<UsageDocument[]> {
    yield this.sums.documentsOf(row);
  }

  /** Yields the documents that count under a key, with or without a record. */
  private async *named(dimension: string, hex: string): AsyncGenerator<UsageDocument[]> {
    for (const period of SUMMARY_PERIODS) {
      const stretch = stretchOf(dimension, period, { first: null, last: null });
      for await (const buckets of this.sums.inParts(stretch, 3))
        for (const { key } of buckets)
          yield this.sums.documentsOf([dimension, period, key[2], hex]);
    }
  }

  /**
   * Changes documents. Repeats for documents that another writer changed first.
   *
   * @returns The number of changed documents.
   * @throws {Error} if documents still conflict after 5 attempts.
   */
  private async changeAll(
    find: () => AsyncIterable<readonly UsageDocument[]>,
    change: (document: UsageDocument) => CouchDocument | null,
  ): Promise<number> {
    let count = 0;
    for (let attempt = 1; ; attempt++) {
      let conflicts = 0;
      for await (const documents of find()) {
        const changed = documents.flatMap((document) => change(document) ?? []);
        const failed = await this.writer.replace(changed);
        count += changed.length - failed.size;
        conflicts += failed.size;
      }
      if (conflicts === 0) return count;
      if (attempt === ATTEMPTS) throw documentChangedError();
    }
  }
}

function foldKey(document: UsageDocument, dimension: string, hex: string): CouchDocument | null {
  return document.record ? null : withKeyFolded(document, dimension, hex, SUMMARY_PERIODS);
}

function withKeyFolded(
  document: UsageDocument,
  dimension: string,
  hex: string,
  periods: readonly SummaryPeriod[],
): CouchDocument | null {
  const sums = document.sums && withFoldedKey(document.sums, dimension, hex, periods);
  return sums ? { ...document, sums } : null;
}
