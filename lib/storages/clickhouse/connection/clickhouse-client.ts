/** Settings of a query, as ClickHouse names them. */
export type ClickHouseSettings = Readonly<Record<string, string | number>>;

interface QueryParams {
  readonly query_id?: string;
  readonly abort_signal?: AbortSignal;
  readonly clickhouse_settings?: ClickHouseSettings;
}

/** The rows that answer a query, all at once or in parts. */
export interface ClickHouseResult {
  json(): Promise<unknown>;
  stream(): AsyncIterable<readonly { json(): unknown }[]>;
  close(): void;
}

/**
 * The part of a client of `@clickhouse/client` that the storage uses.
 *
 * @publicApi
 */
export interface ClickHouseClientLike {
  query(
    params: QueryParams & {
      readonly query: string;
      readonly format: 'JSONCompactEachRow' | 'JSONEachRow';
    },
  ): Promise<ClickHouseResult>;
  command(params: QueryParams & { readonly query: string }): Promise<unknown>;
  insert(
    params: QueryParams & {
      readonly table: string;
      readonly columns: [string, ...string[]];
      readonly values: readonly (readonly unknown[])[];
      readonly format: 'JSONCompactEachRow';
    },
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** Whether a value is a client of `@clickhouse/client`. */
export function isClickHouseClient(value: unknown): value is ClickHouseClientLike {
  const given = value as Partial<ClickHouseClientLike> | null | undefined;
  return (['query', 'command', 'insert', 'close'] as const).every(
    (method) => typeof given?.[method] === 'function',
  );
}
