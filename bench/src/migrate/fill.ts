import type { DataSource } from 'typeorm';

const ROWS_AT_ONCE = 1_000_000;
/** Ids of copies come before it, others after. */
const AFTER_COPIES = '00000001-0000-4000-8000-000000000000';
/** Ten millions fit a month. */
const APART_MS = 250;

/** Multiplies the records of a table, each with an id and a date of its own. */
export async function multiply(
  dataSource: DataSource,
  recordTable: string,
  size: number,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const table = await runner.getTable(recordTable);
  await runner.release();
  const { driver } = dataSource;
  const columns = table!.columns
    .map(({ name }) => name)
    .filter((name) => name !== 'id' && name !== 'date')
    .map((name) => driver.escape(name));
  const [count] = await query<{ n: number }>(
    dataSource,
    `select count(*) as n from ${recordTable}`,
  );
  const templates = Number(count!.n);
  const first = Date.now() - size * APART_MS;
  const { id, series } = TEXTS[dataSource.options.type as keyof typeof TEXTS];
  for (let from = 0; from < size; from += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, size - from);
    const numbers = `(select n + ${from} as n from (${series(rows)}) b) s`;
    await dataSource.query(
      `insert into ${recordTable} (id, date, ${columns.join(', ')}) ` +
        `select ${id}, ${first} + n * ${APART_MS}, ${columns.join(', ')} from ${numbers} ` +
        `join (select r.*, row_number() over (order by id) as k from ${recordTable} r ` +
        `where r.id > '${AFTER_COPIES}') t on t.k = n % ${templates} + 1`,
    );
  }
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => `select ${digit} as d`).join(' union all ');
const PLACES = [1, 10, 100, 1000, 10_000, 100_000];

// No server counts so far by recursion without being told to.
const byDigits = (rows: number) =>
  `select ${PLACES.map((value, at) => `d${at}.d * ${value}`).join(' + ')} as n from ` +
  `${PLACES.map((_, at) => `(${DIGITS}) d${at}`).join(' cross join ')} having n < ${rows}`;

const mysql = {
  id: "concat('00000000-0000-4000-8000-', lpad(hex(n), 12, '0'))",
  series: byDigits,
};

const TEXTS = {
  postgres: {
    id: "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    series: (rows: number) => `select n from generate_series(0::bigint, ${rows - 1}) n`,
  },
  'better-sqlite3': {
    id: "printf('00000000-0000-4000-8000-%012x', n)",
    series: (rows: number) =>
      `with recursive c(n) as (select 0 union all select n + 1 from c where n < ${rows - 1}) ` +
      'select n from c',
  },
  mysql,
  mariadb: mysql,
} as const;

export async function query<T>(dataSource: DataSource, sql: string): Promise<T[]> {
  return dataSource.query(sql);
}
