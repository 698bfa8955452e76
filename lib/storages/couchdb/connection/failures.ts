import { PartlyUnavailableError, StorageUnavailableError } from '../../contract/storage-errors.js';

/** An error of nano for a failed request. */
export interface CouchError extends Error {
  readonly statusCode?: number;
  /** CouchDB's own code of the error: `not_found`, `unauthorized`, … */
  readonly error?: string;
  readonly reason?: string;
  readonly code?: string;
}

/** The outcome for one document of a batch. */
export interface BulkAnswer {
  readonly id: string;
  readonly error?: string;
  readonly reason?: string;
}

const HINTS: Record<number, string> = {
  401: 'it wants a username and a password that it knows: { username, password }',
  403: 'the user may not do this; give the user the role of a database admin',
  404: 'the database, or the view, is not there; it may have been deleted since the start',
  413: 'the batch is larger than it takes; make batchSize smaller',
};

// Statuses that are caused by the request's documents. Every other status may pass by itself.
const ABOUT_DOCUMENTS = new Set([400, 409, 412, 413, 415, 422]);
const REFUSED =
  /^(forbidden|bad_request|doc_validation|illegal_docid|missing_id|(document|request|attachment)_?.*too_large|invalid_.*)$/;

/**
 * Creates the error for a document of a batch that was not written. If the server caused it, not
 * the document, it is a `PartlyUnavailableError`, which may pass.
 */
export function refusedDocument({ id, error, reason }: BulkAnswer, shown: string): Error {
  const Failure = REFUSED.test(String(error)) ? Error : PartlyUnavailableError;
  return new Failure(
    `CouchDbStorage: CouchDB (${shown}) refused the record ${id}: ${error}, ${reason}.`,
  );
}

export function hasStatus(error: unknown, status: number): boolean {
  return (error as CouchError).statusCode === status;
}

/**
 * Turns an error into one for the application's log: which server, what it answered, what to do. An
 * error that may pass becomes a `StorageUnavailableError`, so that delivery keeps the records.
 */
export function toStorageError(given: unknown, shown: string): Error {
  const error = given as CouchError;
  const { statusCode } = error;
  const said = error.reason ?? error.message;
  // CouchDB's own answers include its error code. A proxy's page does not.
  if (statusCode !== undefined && typeof error.error === 'string' && !isConnection(error)) {
    const hint = HINTS[statusCode];
    const message = `CouchDbStorage: CouchDB (${shown}) answered ${statusCode} ${error.error}: ${said}${hint ? `; ${hint}` : ''}`;
    return ABOUT_DOCUMENTS.has(statusCode)
      ? Object.assign(new Error(message, { cause: error }), { statusCode })
      : new StorageUnavailableError(message, { cause: error });
  }
  if (statusCode !== undefined && !isConnection(error))
    return new StorageUnavailableError(
      `CouchDbStorage: what answers at ${shown} is not CouchDB, or a proxy before it: status ` +
        `${statusCode}. Check the address.`,
      { cause: error },
    );
  return new StorageUnavailableError(
    `CouchDbStorage: CouchDB (${shown}) cannot be reached: ${reasonOf(error)}. ` +
      'Check that the address is right and that the server runs.',
    { cause: error },
  );
}

/** Creates the error for an answer with a successful status that does not come from CouchDB. */
export function notCouchError(shown: string, answer: unknown): StorageUnavailableError {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const beginning = JSON.stringify((text ?? 'nothing').slice(0, 80));
  return new StorageUnavailableError(
    `CouchDbStorage: what answers at ${shown} is not CouchDB, or a proxy before it. It said: ` +
      `${beginning}. Check the address.`,
  );
}

function isConnection(error: CouchError): boolean {
  return error.code !== undefined && /^E[A-Z]|^UND_/.test(error.code);
}

function reasonOf(error: CouchError): string {
  const cause = error.cause as AggregateError | undefined;
  return (
    cause?.errors?.map((each: Error) => each.message).join('; ') ||
    cause?.message ||
    error.reason ||
    error.message ||
    error.code ||
    String(error)
  );
}
