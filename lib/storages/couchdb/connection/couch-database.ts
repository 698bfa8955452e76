import type { Cancellation } from '../../base/query/cancellation.js';
import { toStorageError, hasStatus, notCouchError, type BulkAnswer } from './failures.js';

/** A request as nano takes it. */
export interface NanoRequest {
  db: string;
  path?: string;
  method?: string;
  body?: unknown;
  /** Ends the request. nano knows it from version 11 on. */
  signal?: AbortSignal;
}

/**
 * The used part of a server of `nano`.
 *
 * @publicApi
 */
export interface NanoServer {
  request(options: NanoRequest): Promise<unknown>;
}

export function isNanoServer(value: unknown): value is NanoServer {
  return typeof (value as Partial<NanoServer> | null | undefined)?.request === 'function';
}

/** A row of a view. */
export interface ViewRow<Key, Value = unknown> {
  readonly id?: string;
  readonly key: Key;
  readonly value: Value;
  readonly doc?: unknown;
}

/** A query of a view. Its bounds are JSON. */
export interface ViewQuery {
  readonly startkey?: unknown;
  readonly endkey?: unknown;
  readonly descending?: boolean;
  readonly limit?: number;
  readonly skip?: number;
  readonly reduce?: boolean;
  readonly group_level?: number;
  readonly include_docs?: boolean;
}

/** A document to write. */
export type CouchDocument = { readonly _id: string; readonly _rev?: string } & Record<
  string,
  unknown
>;

/** A database of CouchDB. */
export class CouchDatabase {
  constructor(
    private readonly server: NanoServer,
    readonly name: string,
    readonly shown: string,
    private readonly signal: AbortSignal | null = null,
  ) {}

  /** The same database, whose requests a signal ends. */
  until({ signal }: Pick<Cancellation, 'signal'>): CouchDatabase {
    return signal ? new CouchDatabase(this.server, this.name, this.shown, signal) : this;
  }

  /** @returns The answer; undefined if the database or document does not exist. */
  async find(path: string): Promise<Record<string, unknown> | undefined> {
    try {
      return await this.ask('GET', path);
    } catch (error) {
      if (hasStatus((error as Error).cause ?? error, 404)) return undefined;
      throw error;
    }
  }

  async ask(method: string, path = '', body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.send(method, path, body);
    if (typeof answer !== 'object' || answer === null) throw notCouchError(this.shown, answer);
    return answer as Record<string, unknown>;
  }

  async view<Key, Value = unknown>(
    view: string,
    query: ViewQuery,
  ): Promise<readonly ViewRow<Key, Value>[]> {
    const { rows } = await this.ask('POST', view, query);
    if (!Array.isArray(rows)) throw notCouchError(this.shown, rows);
    return rows as ViewRow<Key, Value>[];
  }

  /** Writes documents independently: one that is rejected does not keep others out. */
  async write(docs: readonly CouchDocument[]): Promise<readonly BulkAnswer[]> {
    if (docs.length === 0) return [];
    const answers = await this.send('POST', '_bulk_docs', { docs });
    if (!Array.isArray(answers)) throw notCouchError(this.shown, answers);
    return answers as BulkAnswer[];
  }

  private async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const { signal } = this;
    signal?.throwIfAborted();
    try {
      const answer = await this.server.request({
        db: this.name,
        method,
        ...(path && { path }),
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      });
      // nano takes an answer that breaks off for an empty one.
      signal?.throwIfAborted();
      return answer;
    } catch (error) {
      throw signal?.aborted ? signal.reason : toStorageError(error, this.shown);
    }
  }
}
