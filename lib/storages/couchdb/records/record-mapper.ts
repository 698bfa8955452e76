import type { UsageRecord } from '../../../record/index.js';
import type { CouchDocument } from '../connection/couch-database.js';
import type { DocumentSums } from '../summaries/sum-mapper.js';
import { withEscapedNames, withNames } from './escaped-names.js';

/** A record as CouchDB keeps it. Without its record it only stands for what it added to sums. */
export interface UsageDocument {
  readonly _id: string;
  readonly _rev?: string;
  readonly kind: 'usage';
  readonly date: number;
  readonly record?: Omit<UsageRecord, 'id' | 'date'>;
  readonly sums?: DocumentSums;
}

export function documentOf(record: UsageRecord, sums: DocumentSums | null): CouchDocument {
  const { id, date, ...fields } = record;
  return {
    _id: documentId(id),
    kind: 'usage',
    date: date.getTime(),
    record: withEscapedNames({ ...fields, speed: Math.round(fields.speed * 1e6) / 1e6 }),
    ...(sums && { sums }),
  };
}

/** @throws {Error} for a document of another kind. */
export function recordOf(document: unknown): UsageRecord {
  const { _id, date, record } = document as UsageDocument;
  if (!record)
    throw new Error(`The document ${_id} in CouchDB is not a record as this storage writes it.`);
  return {
    ...withNames(record),
    id: _id.startsWith('~') ? _id.slice(1) : _id,
    date: new Date(date),
  };
}

/** An id as CouchDB takes it: those that begin with `_` are its own. */
export function documentId(id: string): string {
  return /^[_~]/.test(id) ? `~${id}` : id;
}
