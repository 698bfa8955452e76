import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type Logger } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, SQL_SERVERS, tablesOf } from './places.js';

const RECORDS = 2300;
const START = Date.UTC(2026, 0, 31, 20);
const HOUR = 3_600_000;

/** Notes statements as they are sent. */
class Notes implements Logger {
  readonly statements: [sql: string, values: unknown[]][] = [];
  logQuery(sql: string, values: unknown[] = []) {
    this.statements.push([sql, values]);
  }
  logQueryError() {}
  logQuerySlow() {}
  logSchemaBuild() {}
  logMigration() {}
  log() {}
}

describe.each(SQL_SERVERS)('Retention on %s', (_name, connection) => {
  it.skipIf(!connection)('deletes the oldest first, some hundred in a transaction', async () => {
    const place = `b${process.pid}`;
    const notes = new Notes();
    const dataSource = await new DataSource(connection!).initialize();
    // A connection of the storage's own logs what the storage does.
    const storage = new SqlStorage({
      connection: { ...connection!, logging: true, logger: notes },
      ...tablesOf(place),
    });
    try {
      await storage.open(contextOf([sumUrls]));
      const records = makeRecords(RECORDS, (index) => ({
        date: new Date(START + index * 10_000),
      }));
      await storage.store(records.toReversed());
      notes.statements.length = 0;
      const before = new Date(START + 6 * HOUR);
      const counts = await storage.prune({ records: before, hour: before });
      expect(counts).toMatchObject({ records: 6 * 360, hour: 6 * 360 });

      let transaction: [string, unknown[]][] = [];
      const deleted: string[][] = [];
      for (const [sql, values] of notes.statements) {
        if (/^start transaction|^begin/i.test(sql)) transaction = [];
        if (/^delete from \S*[`"]r_/.test(sql)) {
          deleted.push(values.flat(3).filter((value) => typeof value === 'string'));
          transaction.push([sql, values]);
          expect(transaction).toHaveLength(1);
        }
        if (/^delete from \S*[`"]s_\w+[`"] where/.test(sql) && sql.includes(' in ('))
          expect(values.length).toBeLessThanOrEqual(503);
      }
      expect(Math.max(...deleted.map((ids) => ids.length))).toBeLessThanOrEqual(500);
      expect(deleted.flat()).toEqual(records.slice(0, 6 * 360).map(({ id }) => id));
    } finally {
      await storage.close();
      await dropPlace(dataSource, place);
      await dataSource.destroy();
    }
  });
});
