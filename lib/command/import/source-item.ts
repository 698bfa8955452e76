import type { CapturedRequest } from '../../record/captured-request.js';
import type { ClientFacts } from '../../enrichment/index.js';
import type { UsageRecord } from '../../record/index.js';

/** A request that something else has recorded, in the form in which capture hands requests on. */
export interface RequestItem {
  readonly kind: 'request';
  /** Where it stands: `access.log:17`. */
  readonly place: string;
  /** Without an id: the importer derives it from the date and from `content`. */
  readonly captured: Omit<CapturedRequest, 'id'> & { id?: string };
  /** What identifies the request within its source: the line of a log, the values of a row. */
  readonly content: string;
  /** What the source knows and a captured request has no place for. */
  readonly facts?: ImportedFacts | undefined;
}

/** What a source may know instead of what enrichment derives. */
export type ImportedFacts = Partial<ClientFacts>;

/** A record of this library, with its id. */
export interface RecordItem {
  readonly kind: 'record';
  readonly place: string;
  readonly record: UsageRecord;
}

/** What could not be read. */
export interface RejectedItem {
  readonly kind: 'rejected';
  /** Where it stands: `access.log:17`. */
  readonly place: string;
  /** As it stands in the source. */
  readonly text: string;
  readonly reason: string;
}

/** One thing that a source holds. */
export type SourceItem = RequestItem | RecordItem | RejectedItem;

/** Where requests are imported from. Yields items in portions, so that waiting costs little. */
export interface ImportSource {
  read(signal?: AbortSignal): AsyncIterable<readonly SourceItem[]>;
}
