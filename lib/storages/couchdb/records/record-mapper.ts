import {
  AS_IS,
  mapRecord,
  toMicroseconds,
  toRecord,
  type JsonValue,
  type UsageRecord,
  type UserAgentInfo,
  type ValueMapper,
} from '../../../record/index.js';
import type { CouchDocument } from '../connection/couch-database.js';
import type { DocumentSums } from '../summaries/sum-mapper.js';

/** A record as CouchDB keeps it. Without its record it only stands for what it added to sums. */
export interface UsageDocument {
  readonly _id: string;
  readonly _rev?: string;
  readonly kind: 'usage';
  readonly date: number;
  readonly record?: Omit<UsageRecord, 'id' | 'date'>;
  readonly sums?: DocumentSums;
}

// The date stands beside the record, where views find it. What is undefined is not sent.
const WRITE: ValueMapper = {
  ...AS_IS,
  instant: () => undefined,
  microseconds: toMicroseconds,
};

const READ: ValueMapper = { ...AS_IS, instant: (value) => new Date(value as number) };

export function documentOf(record: UsageRecord, sums: DocumentSums | null): CouchDocument {
  return {
    _id: documentId(record.id),
    kind: 'usage',
    date: record.date.getTime(),
    record: withEscapedNames(mapRecord(record, record.userAgent, WRITE)),
    ...(sums && { sums }),
  };
}

/** @throws {Error} for a document of another kind. */
export function recordOf(document: unknown): UsageRecord {
  const { _id, date, record } = document as UsageDocument;
  if (!record)
    throw new Error(`The document ${_id} in CouchDB is not a record as this storage writes it.`);
  const fields: { date?: number; userAgent: UserAgentInfo } = withNames(record);
  fields.date = date;
  const id = _id.startsWith('~') ? _id.slice(1) : _id;
  return toRecord(id, fields, fields.userAgent, READ);
}

/** An id as CouchDB takes it: those that begin with `_` are its own. */
export function documentId(id: string): string {
  return /^[_~]/.test(id) ? `~${id}` : id;
}

/**
 * A value with names that CouchDB takes: what begins with `_` has a meaning there, so such names
 * get a `~` before them, and so do those that begin with `~`.
 */
export function withEscapedNames<T>(value: T): T {
  return renamed(value as JsonValue, (name) => (/^[_~]/.test(name) ? `~${name}` : name)) as T;
}

/** The value as it was before. */
export function withNames<T>(value: T): T {
  return renamed(value as JsonValue, (name) => (name.startsWith('~') ? name.slice(1) : name)) as T;
}

function renamed(value: JsonValue, rename: (name: string) => string): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  // Not by assignment, which would change the prototype for one of the names.
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [rename(name), renamed(each, rename)]),
  );
}
