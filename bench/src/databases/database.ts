import type { UsageHook, UsageRecord, UsageStorage } from 'nestjs-track-usage';

/** The same work by hand, with a driver alone. */
export interface RawSide {
  /** Writes a batch and, if told to, what it adds to the sums, in one transaction. */
  write(records: readonly UsageRecord[], withSums: boolean): Promise<void>;
  /** The same with a statement for each record, where that is another way. */
  writeRowByRow?(records: readonly UsageRecord[], withSums: boolean): Promise<void>;
  /** One page of records, newest first, by offset. */
  page(limit: number, offset: number): Promise<unknown[]>;
  /** All records, newest first, in pages of 500 by key. */
  stream(): AsyncIterable<unknown>;
  /** The sums by URL of one period within bounds, newest first. */
  sums(period: string, first: number, last: number, limit: number): Promise<unknown[]>;
  /** The rows of a question, with hits and errors, those with the most hits first. */
  byRoute?(question: RouteQuestion): Promise<unknown[]>;
  /** How the database answers it. */
  plan?(question: RouteQuestion): Promise<string[]>;
  /** How the database answers a statement. Without running it. */
  explain?(sql: string, values: readonly unknown[]): Promise<string[]>;
  count(): Promise<number>;
  close(): Promise<void>;
}

/** Requests of one platform by method, route and status, in a span whose bounds are inclusive. */
export interface RouteQuestion {
  readonly platform: string;
  readonly first: number;
  readonly last: number;
  readonly limit: number;
}

/** The values of a question in the order in which SQL binds them. */
export function askedOf({ platform, first, last, limit }: RouteQuestion) {
  return [platform, first, last, limit];
}

/** Names of the tables of one side: the sides share a server, not a table. */
export interface TableNames {
  readonly recordTable: string;
  readonly summaryTable: string;
}

/** A database that is measured. */
export interface Database {
  readonly title: string;
  /** The environment's variable that holds the server's address. */
  readonly variable?: string;
  /** What the raw side does, for the report. */
  readonly raw: string;
  /** Whether it can also write row by row. */
  readonly rowByRow?: boolean;
  /** Whether rows have columns, and those that have come since version 0.1 can be left out. */
  readonly columns?: boolean;
  /**
   * Records of a batch, where its storage has a default of its own.
   * @default 500
   */
  readonly batchSize?: number;
  /** Records among which it is asked, at most, where more would take hours to fill in. */
  readonly mostRecords?: number;
  storage(scratch: string, tables: TableNames, hooks: readonly UsageHook[]): UsageStorage;
  /** On tables that the storage of the same names has made. */
  openRaw(scratch: string, tables: TableNames): Promise<RawSide>;
  /** Does at once what the storage or the server does by itself some minutes after storing. */
  settle?(storage: UsageStorage, tables: TableNames): Promise<void>;
  /**
   * Has the server copy the stored records, where storing as many would take hours.
   *
   * @param times How many there are of each afterwards.
   * @param span The records' dates, in milliseconds since the epoch, `end` exclusive. The copies are
   * spread over it as well, and none of them has the date of another.
   */
  copy?(tables: TableNames, times: number, span: { start: number; end: number }): Promise<void>;
  /** The bytes of the tables, where the storage does not say. */
  bytes?(tables: TableNames): Promise<number>;
  /** Takes the tables away. */
  drop(scratch: string, tables: TableNames): Promise<void>;
}
