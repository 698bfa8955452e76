import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { mysqlDialect } from '../../../lib/storages/sql/dialects/mysql.dialect.js';
import { PooledEngine } from '../../../lib/storages/sql/engines/pooled.engine.js';
import { isMysqlConflict, mysqlLock } from '../../../lib/storages/sql/engines/server-locks.js';
import { mysqlCancelling } from '../../../lib/storages/sql/engines/statement-cancelling.js';
import { plainLayout } from '../../../lib/storages/sql/layout/plain-layout.js';
import { mariadb, mysql, newPlace } from '../../faults/databases.js';
import { describeDatabases } from '../../faults/with-databases.js';

/** An engine whose statements wait for locks as long as the server's default, a day or a year. */
async function withPatientEngine(
  url: string,
  connectionLimit: number,
  work: (engine: PooledEngine, dataSource: DataSource, table: string) => Promise<void>,
): Promise<void> {
  const table = `waits_${newPlace()}`;
  const dataSource = await new DataSource({
    type: 'mysql',
    url,
    extra: { connectionLimit },
  }).initialize();
  const layout = plainLayout(mysqlDialect('utf8mb4_bin'), { recordTable: table });
  const engine = new PooledEngine(() => dataSource.createQueryRunner(), {
    lock: { ...mysqlLock(layout), *hurry() {}, *unhurry() {} },
    isConflict: isMysqlConflict,
    cancelling: mysqlCancelling,
    *check() {},
    disconnect: () => dataSource.destroy(),
  });
  await dataSource.query(`create table ${table} (a int primary key)`);
  try {
    await work(engine, dataSource, table);
  } finally {
    await dataSource.query(`drop table ${table}`);
    await engine.close();
  }
}

describe('Changing tables on MySQL', () => {
  describeDatabases([mariadb, mysql], (_database, url) => {
    it('ends each wait for a lock that is in use, and tries again', async () => {
      await withPatientEngine(url, 5, async (engine, dataSource, table) => {
        const report = dataSource.createQueryRunner();
        await report.query('begin');
        await report.query(`select * from ${table}`);
        let attempts = 0;
        const altering = engine.alterTables(function* () {
          attempts++;
          yield { sql: `alter table ${table} add column b int`, values: [] };
        });
        await expect.poll(() => attempts, { timeout: 20_000 }).toBeGreaterThan(2);
        await report.query('rollback');
        await report.release();
        await altering;
        await dataSource.query(`insert into ${table} (a, b) values (1, 2)`);
      });
    });

    it('ends no statement that works instead of waiting', async () => {
      await withPatientEngine(url, 5, async (engine, dataSource, table) => {
        let attempts = 0;
        await engine.alterTables(function* () {
          attempts++;
          yield { sql: 'select sleep(1.5)', values: [] };
          yield { sql: `alter table ${table} add column b int`, values: [] };
        });
        expect(attempts).toBe(1);
      });
    });

    it('needs no second connection, which a pool of one does not have', async () => {
      await withPatientEngine(url, 1, async (engine, dataSource, table) => {
        await engine.alterTables(function* () {
          yield { sql: `alter table ${table} add column b int`, values: [] };
        });
        await dataSource.query(`insert into ${table} (a, b) values (1, 2)`);
      });
    });
  });
});
