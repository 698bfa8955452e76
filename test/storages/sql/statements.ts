import type { DataSource } from 'typeorm';

/**
 * The other connections of MySQL or MariaDB whose statement, which runs now, has a text in it.
 *
 * `information_schema.processlist` of MySQL 9 fails as soon as any connection of the server runs a
 * statement with a character of four bytes: its columns are utf8mb3.
 */
export async function connectionsRunning(dataSource: DataSource, text: string): Promise<number[]> {
  const rows: { Id: unknown; Command: string; Info: string | null }[] =
    await dataSource.query('show full processlist');
  return rows
    .filter(({ Command, Info }) => Command === 'Query' && (Info ?? '').includes(text))
    .map(({ Id }) => Number(Id));
}
