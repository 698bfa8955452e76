import { optionErrorOf } from '../../support/track-usage-options.error.js';
import { checkHttpOptions, credentialsOf } from '../base/http-options.js';
import type { StorageOptions } from '../contract/usage-storage.js';
import { isClickHouseClient, type ClickHouseClientLike } from './connection/clickhouse-client.js';

/**
 * The options of `ClickHouseStorage`: one of `url` and `client`. Without either, the address is
 * `http://127.0.0.1:8123`. The storage's own connection needs the package `@clickhouse/client`.
 *
 * Keys of summaries are not capped, and `maxKeys` is not used.
 *
 * @publicApi
 */
export interface ClickHouseStorageOptions extends StorageOptions {
  /**
   * Address of the server's HTTP interface: `http://user:password@host:8123/database`.
   * @default 'http://127.0.0.1:8123'
   */
  url?: string;
  /**
   * A client of the application, as `createClient(…)` of `@clickhouse/client` returns it.
   * @default none
   */
  client?: ClickHouseClientLike;
  /**
   * User name.
   * @default that of `url`, or none
   */
  username?: string;
  /**
   * Password.
   * @default that of `url`, or none
   */
  password?: string;
  /**
   * Name of the database. It is created if it is missing and the user has the right.
   * @default that of `url` or `client`, else 'default'
   */
  database?: string;
  /**
   * Name of the records' table. The tables of notes and of writes have it as the first part of
   * theirs.
   * @default 'usage_records'
   */
  recordTable?: string;
  /**
   * Name of the summaries' table. The tables of hours and of days have it as the first part of
   * theirs.
   * @default 'usage_summaries'
   */
  summaryTable?: string;
  /**
   * The cluster whose servers keep the tables.
   * @default none: one server
   */
  cluster?: string | ClickHouseClusterOptions;
  /**
   * The most records in one insert. ClickHouse wants few large ones.
   * @default 10_000
   */
  batchSize?: number;
  /**
   * Milliseconds until a smaller batch is sent. Until then its records cannot be read.
   * @default 5000
   */
  flushInterval?: number;
}

/**
 * How a cluster keeps the tables: on each shard, with distributed tables of the same names before
 * them. The tables are made with `ON CLUSTER`.
 *
 * @publicApi
 */
export interface ClickHouseClusterOptions {
  /** Name of the cluster in the servers' configuration. */
  name: string;
  /**
   * Whether the tables of each shard are replicated, by the servers' macros and ClickHouse Keeper.
   * @default true
   */
  replicated?: boolean;
}

/** The tables, on a server of the application's client or on one to connect to. */
export type ClickHouseTarget = {
  /** Null: that of the client. */
  readonly database: string | null;
  readonly recordTable: string;
  readonly summaryTable: string;
  readonly cluster: Required<ClickHouseClusterOptions> | null;
} & (
  | { readonly client: ClickHouseClientLike }
  | { readonly url: string; readonly username: string; readonly password: string }
);

const NAME = /^[a-zA-Z_][\w$-]{0,180}$/;
const NAME_WORDS = 'a letter or _, then letters, digits, _, $ and -';

/** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
export function clickHouseTarget(given: ClickHouseStorageOptions): ClickHouseTarget {
  const { url, client } = given;
  for (const option of ['database', 'recordTable', 'summaryTable'] as const)
    if (option in given && !isName(given[option]))
      throw optionError(option, NAME_WORDS, given[option]);
  const names = {
    recordTable: given.recordTable ?? 'usage_records',
    summaryTable: given.summaryTable ?? 'usage_summaries',
    cluster: clusterOf(given),
  };
  if (names.recordTable === names.summaryTable)
    throw optionError('summaryTable', 'another name than that of recordTable', names.summaryTable);
  checkHttpOptions(OWNER, given, CLIENT, 'http://host:8123');
  if (client !== undefined) return { ...names, database: given.database ?? null, client };
  const parsed = new URL(url ?? 'http://127.0.0.1:8123');
  const path = decodeURIComponent(parsed.pathname.replace(/^\/|\/$/g, ''));
  if (path !== '' && given.database === undefined && !isName(path))
    throw optionError(
      'url',
      `no path, or a database as ${NAME_WORDS}`,
      `one with the path ${path}`,
    );
  const target = {
    ...credentialsOf(given, parsed),
    database: given.database ?? (path || 'default'),
  };
  return { ...names, ...target, url: parsed.origin };
}

function clusterOf({ cluster }: ClickHouseStorageOptions): ClickHouseTarget['cluster'] {
  if (cluster === undefined) return null;
  const { name, replicated = true } =
    typeof cluster === 'string' ? { name: cluster } : (cluster ?? { name: undefined });
  if (!isName(name)) throw optionError('cluster', `the name of a cluster: ${NAME_WORDS}`, cluster);
  if (typeof replicated !== 'boolean')
    throw optionError('cluster.replicated', 'true or false', replicated);
  return { name, replicated };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

const OWNER = 'ClickHouseStorage';
const CLIENT = {
  name: 'client',
  expected: 'a client of @clickhouse/client',
  accepts: isClickHouseClient,
} as const;
const optionError = optionErrorOf(OWNER);
