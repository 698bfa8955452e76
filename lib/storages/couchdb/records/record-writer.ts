import type { UsageRecord } from '../../../record/index.js';
import type { CouchDatabase, CouchDocument } from '../connection/couch-database.js';
import { refusedDocument } from '../connection/failures.js';
import type { DocumentSummarizer } from '../summaries/sum-mapper.js';
import { documentOf, type UsageDocument } from './record-mapper.js';

const DOCUMENTS_AT_ONCE = 500;

/** Writes records as documents, each with what it adds to the sums. */
export class RecordWriter {
  constructor(
    private readonly database: CouchDatabase,
    private readonly summarizer: DocumentSummarizer,
  ) {}

  /** @param records With distinct ids. */
  async store(records: readonly UsageRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += DOCUMENTS_AT_ONCE) {
      const part = records.slice(at, at + DOCUMENTS_AT_ONCE);
      // A conflict means that the record is stored already.
      await this.replace(part.map((record) => documentOf(record, this.summarizer.sumsOf(record))));
    }
  }

  /**
   * Writes documents.
   *
   * @returns The ids of documents that another writer has changed since they were read.
   * @throws {Error} if the server does not write a document for another reason than a conflict.
   */
  async replace(documents: readonly CouchDocument[]): Promise<Set<string>> {
    const conflicts = new Set<string>();
    for (const answer of await this.database.write(documents)) {
      if (answer.error === 'conflict') conflicts.add(answer.id);
      else if (answer.error !== undefined) throw refusedDocument(answer, this.database.shown);
    }
    return conflicts;
  }

  /** Reads the current versions of documents. Leaves out those that hold no record. */
  async read(ids: readonly string[]): Promise<UsageDocument[]> {
    const answer = await this.database.ask('POST', '_all_docs?include_docs=true', { keys: ids });
    const rows = answer['rows'] as readonly { doc?: UsageDocument | null }[];
    return rows.flatMap(({ doc }) => (doc?.record ? [doc] : []));
  }
}

/** Creates the error for documents that other writers changed at each attempt. */
export function documentChangedError(): Error {
  return new Error('CouchDbStorage: documents changed while they were corrected; try again.');
}
