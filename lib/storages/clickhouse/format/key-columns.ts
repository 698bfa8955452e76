import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal, quoted } from './clickhouse-text.js';
import type { Tables } from './tables.js';
import { isPersonal } from '../../../summary/index.js';

const PREFIX = 'key_';

/**
 * The columns of the records' table that hold the keys under which records count, one for each
 * dimension that any process has kept. Null: the record does not count in that summary.
 */
export class KeyColumns {
  private known = new Map<string, string>();

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {}

  /** Every dimension that has a column, as of the last reading. */
  get dimensions(): string[] {
    return [...this.known.keys()];
  }

  /** The quoted column of a dimension; undefined if there is none. */
  of(dimension: string): string | undefined {
    return this.known.get(dimension);
  }

  /** Reads which columns there are. */
  async read(): Promise<void> {
    const { database, records } = this.tables.names;
    const rows = await this.database.rows(
      `SELECT name FROM system.columns WHERE database = ${literal(database)} ` +
        `AND table = ${literal(records)} AND startsWith(name, '${PREFIX}')`,
    );
    this.known = new Map(
      rows.map(([name]) => [dimensionOf(name as string), quoted(name as string)]),
    );
  }

  /** Adds the columns of dimensions that have none. */
  async add(dimensions: readonly string[]): Promise<void> {
    const missing = dimensions.filter((dimension) => !this.known.has(dimension));
    if (missing.length === 0) return;
    const columns = missing.map((dimension) => {
      // A dictionary pays where a part has at most some thousands of values.
      const type = isPersonal(dimension) ? 'Nullable(String)' : 'LowCardinality(Nullable(String))';
      return `ADD COLUMN IF NOT EXISTS ${quoted(columnOf(dimension))} ${type}`;
    });
    await this.tables.alterAll(this.database, 'records', columns.join(', '));
    await this.read();
  }
}

function columnOf(dimension: string): string {
  const escaped = dimension.replace(/[^a-zA-Z0-9]/gu, (letter) => `_${hexOf(letter)}_`);
  return PREFIX + escaped;
}

function dimensionOf(column: string): string {
  return column
    .slice(PREFIX.length)
    .replace(/_([0-9a-f]+)_/g, (_, hex: string) => Buffer.from(hex, 'hex').toString());
}

function hexOf(letter: string): string {
  return Buffer.from(letter).toString('hex');
}
