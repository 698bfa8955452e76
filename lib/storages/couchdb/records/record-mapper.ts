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
import type { DocumentSums } from '../summaries/document-sums.js';

/** A record as CouchDB stores it. Without `record`, it holds only what the record added to sums. */
export interface UsageDocument {
  readonly _id: string;
  readonly _rev?: string;
  readonly kind: 'usage';
  readonly date: number;
  readonly record?: Omit<UsageRecord, 'id' | 'date'>;
  readonly sums?: DocumentSums;
}

// The date is beside the record, where views find it. Undefined values are not sent.
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

/** @throws {Error} if the document holds no record. */
export function recordOf(document: unknown): UsageRecord {
  const { _id, date, record } = document as UsageDocument;
  if (!record)
    throw new Error(`The document ${_id} in CouchDB is not a record as this storage writes it.`);
  const fields: { date?: number; userAgent: UserAgentInfo } = withNames(record);
  fields.date = date;
  const id = _id.startsWith('~') ? _id.slice(1) : _id;
  return toRecord(id, fields, fields.userAgent, READ);
}

/**
 * Maps an id to a document's id. CouchDB reserves ids that begin with `_`, so those get a `~` as
 * prefix, and so do ids that begin with `~`.
 */
export function documentId(id: string): string {
  return /^[_~]/.test(id) ? `~${id}` : id;
}

/**
 * Escapes the names in a value. CouchDB reserves names that begin with `_`, so those get a `~` as
 * prefix, and so do names that begin with `~`.
 */
export function withEscapedNames<T>(value: T): T {
  return renameFields(value as JsonValue, (name) => (/^[_~]/.test(name) ? `~${name}` : name)) as T;
}

/** Reverts `withEscapedNames`. */
export function withNames<T>(value: T): T {
  return renameFields(value as JsonValue, (name) =>
    name.startsWith('~') ? name.slice(1) : name,
  ) as T;
}

function renameFields(value: JsonValue, rename: (name: string) => string): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => renameFields(each, rename));
  // Do not assign: the name `__proto__` would change the prototype.
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [rename(name), renameFields(each, rename)]),
  );
}
