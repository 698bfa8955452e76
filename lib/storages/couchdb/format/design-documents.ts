import { createHash } from 'node:crypto';
import { FORMAT } from '../../base/format.js';

const PREFIX = '_design/track-usage';
/** The endings of the ids in version 0.1.0. */
const FIRST_FORMAT = ['-records-05833dea4803', '-sums-0a5557c7ad96'];

/** The bounds of the ids of all the storage's design documents. */
export const DESIGN_BOUNDS = { first: PREFIX, last: `${PREFIX}\uffff` };

/** A design document. Its id holds the format and a digest of its content. */
export interface DesignDocument {
  readonly id: string;
  readonly views: Record<string, { readonly map: string; readonly reduce?: string }>;
}

/**
 * Records by date, and by those values of filterable fields that few records have. Text is escaped
 * to ASCII, because CouchDB considers some different texts equal.
 */
export const RECORDS = designDocument('records', {
  by_date: {
    map: `function (doc) {
  if (doc.kind === 'usage' && doc.record) emit([doc.date, doc._id], null);
}`,
    reduce: '_count',
  },
  by_value: {
    map: `function (doc) {
  if (doc.kind !== 'usage' || !doc.record) return;
  var fields = ['route', 'remoteAddr', 'username', 'visitorId'];
  for (var i = 0; i < fields.length; i++) {
    var value = doc.record[fields[i]];
    if (typeof value === 'string') emit([fields[i], escape(value), doc.date, doc._id], null);
  }
  if (doc.record.status >= 400) emit(['status', doc.record.status, doc.date, doc._id], null);
  if (doc.record.outcome === 'aborted') emit(['outcome', 'aborted', doc.date, doc._id], null);
}`,
    reduce: '_count',
  },
});

const LATEST = 8.64e15;

/**
 * Sums by dimension, period, bucket, key and slot of latency. Buckets are text that counts back
 * from the last instant, so the newest sort first, each with its keys in order. Keys are
 * hexadecimal, because CouchDB sorts text by language, and the library sorts by code point.
 */
export const SUMS = designDocument('sums', {
  by_bucket: {
    map: mapOfSums('emit([name, periods[i], bucket, key, sums.slot], sums.counts)'),
    reduce: '_sum',
  },
});

/** The dates of the documents that count in a row, for its first and its last request. */
export const SEEN = designDocument('seen', {
  by_bucket: {
    map: mapOfSums('emit([name, periods[i], bucket, key], doc.date)'),
    reduce: '_stats',
  },
});

export const DESIGNS: readonly DesignDocument[] = [RECORDS, SUMS, SEEN];

/** A bucket as text of the view. No bucket begins at or after the last instant. */
export function textOfBucket(bucket: number): string {
  // BigInt is exact. The earliest instants are too far back for an exact number.
  const back = BigInt(LATEST) - BigInt(bucket);
  return `0000000000000000${back > 0n ? back : 0n}`.slice(-17);
}

export function bucketOfText(text: string): number {
  return Number(BigInt(LATEST) - BigInt(text));
}

/**
 * Whether no version needs a design document: no release has created it. Documents of the first
 * format stay, because its code may still read them. That code deletes documents whose ids begin
 * like its own, so ids of later formats begin differently. CouchDB keeps one index for views that
 * are equal in both.
 */
export function isObsolete(id: string): boolean {
  if (DESIGNS.some((design) => design.id === id)) return false;
  const name = id.slice(PREFIX.length);
  return name.startsWith('-') ? !FIRST_FORMAT.includes(name) : name.startsWith(`.${FORMAT}.`);
}

export function viewPath({ id }: DesignDocument, view: string): string {
  return `${id}/_view/${view}`;
}

function designDocument(name: string, views: DesignDocument['views']): DesignDocument {
  const digest = createHash('sha256').update(JSON.stringify(views)).digest('hex').slice(0, 12);
  return { id: `${PREFIX}.${FORMAT}.${name}-${digest}`, views };
}

/** The map function that emits once for each row that a document adds to, by its key there. */
function mapOfSums(emit: string): string {
  return `function (doc) {
  if (doc.kind !== 'usage' || !doc.sums) return;
  var sums = doc.sums, periods = ['hour', 'day', 'month'];
  for (var i = 0; i < periods.length; i++) {
    if (typeof sums[periods[i]] !== 'number') continue;
    var bucket = ('0000000000000000' + (${LATEST} - sums[periods[i]])).slice(-17);
    var own = sums.keysIn && sums.keysIn[periods[i]];
    for (var name in sums.keys) {
      var key = own && typeof own[name] === 'string' ? own[name] : sums.keys[name];
      ${emit};
    }
  }
}`;
}
