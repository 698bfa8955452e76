import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClientLike, ClickHouseSettings } from './clickhouse-client.js';
import { toStorageError } from './failures.js';

/** A row of an answer: its values in the order of the columns. */
export type Row = readonly unknown[];

/** The server parses longer statements only if it is told to. */
const MAX_QUERY_SIZE = 200_000;
// Since version 26 the server gathers inserts itself unless it is told not to.
const WRITING: ClickHouseSettings = { async_insert: 0 };

/** Sends statements to one server. */
export class ClickHouseDatabase {
  constructor(
    private readonly client: ClickHouseClientLike,
    private readonly isOwn: boolean,
    /** How messages name the server. */
    readonly shown: string,
  ) {}

  /** Reads all rows of an answer. Sends no settings, because a user may not be allowed to. */
  async rows(sql: string, signal: AbortSignal | null = null): Promise<Row[]> {
    return this.stoppable(signal, async (query) => {
      const result = await this.client.query({ ...query, ...sized(sql), format: FORMAT });
      return (await result.json()) as Row[];
    });
  }

  /** Reads the rows of an answer in parts, as they come. */
  parts(sql: string, signal: AbortSignal | null = null): AsyncGenerator<Row[], void, undefined> {
    return this.inParts(sql, signal, FORMAT);
  }

  /** Reads rows in parts, by the names of their columns. */
  objects(
    sql: string,
    signal: AbortSignal | null = null,
  ): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    return this.inParts(sql, signal, 'JSONEachRow');
  }

  private async *inParts<T>(
    sql: string,
    signal: AbortSignal | null,
    format: typeof FORMAT | 'JSONEachRow',
  ): AsyncGenerator<T[], void, undefined> {
    const result = await this.stoppable(signal, (query) =>
      this.client.query({ ...query, ...sized(sql), format }),
    );
    try {
      for await (const rows of result.stream()) yield rows.map((row) => row.json() as T);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toStorageError(error, this.shown);
    } finally {
      result.close();
    }
  }

  /** Runs a statement that changes something. */
  async command(sql: string, settings: ClickHouseSettings = {}): Promise<void> {
    try {
      const { query, clickhouse_settings } = sized(sql);
      await this.client.command({
        query,
        clickhouse_settings: { ...WRITING, ...clickhouse_settings, ...settings },
      });
    } catch (error) {
      throw toStorageError(error, this.shown);
    }
  }

  /** Inserts rows in one block. */
  async insert(
    table: string,
    columns: readonly string[],
    values: readonly Row[],
    settings: ClickHouseSettings = {},
  ): Promise<void> {
    try {
      await this.client.insert({
        table,
        columns: columns as [string, ...string[]],
        values,
        format: FORMAT,
        clickhouse_settings: { ...WRITING, ...settings },
      });
    } catch (error) {
      throw toStorageError(error, this.shown);
    }
  }

  async close(): Promise<void> {
    if (this.isOwn) await this.client.close();
  }

  /** Does work that a signal ends, in the server too. */
  private async stoppable<T>(
    signal: AbortSignal | null,
    work: (query: { query_id?: string; abort_signal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const query_id = randomUUID();
    const kill = () => void this.kill(query_id);
    signal?.addEventListener('abort', kill, { once: true });
    try {
      return await work(signal ? { query_id, abort_signal: signal } : {});
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toStorageError(error, this.shown);
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  }

  /** Ends a query. The server may not have begun it yet, or never begins it. */
  private async kill(id: string): Promise<void> {
    const query = `KILL QUERY WHERE query_id = '${id}' ASYNC`;
    try {
      for (let attempt = 1; attempt <= KILLS; attempt++) {
        const found = await this.client.query({ query, format: FORMAT });
        if (((await found.json()) as readonly unknown[]).length > 0) return;
        await delay(KILL_AGAIN_MS, undefined, { ref: false });
      }
    } catch {
      // A user that may only read may not kill either. The query then ends by itself.
    }
  }
}

const FORMAT = 'JSONCompactEachRow';
const KILLS = 10;
const KILL_AGAIN_MS = 100;

function sized(query: string): { query: string; clickhouse_settings?: ClickHouseSettings } {
  if (query.length <= MAX_QUERY_SIZE) return { query };
  return { query, clickhouse_settings: { max_query_size: 4 * query.length } };
}
