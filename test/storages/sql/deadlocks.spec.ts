import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource, type QueryRunner } from 'typeorm';
import { expect, it } from 'vitest';
import { sumStatuses } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace, tablesOf } from './places.js';

const context = contextOf([sumStatuses], { maxKeys: 100 });

// Another transaction locks the sums from their end, and then what the storage has locked first.
for (const [name, type, waiting] of [
  [
    'POSTGRES',
    'postgres',
    "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%s_PLACE%'",
  ],
  [
    'MARIADB',
    'mariadb',
    "select count(*) as n from information_schema.innodb_trx where trx_state = 'LOCK WAIT' and trx_query like '%s_PLACE%'",
  ],
  [
    'MYSQL',
    'mysql',
    // Its `innodb_trx` cannot be read while another connection runs a statement with an emoji.
    "select count(*) as n from performance_schema.data_locks where lock_status = 'WAITING' and object_name like 's_PLACE%'",
  ],
] as const)
  describeWithServer(name, `A deadlock on ${type}`, (url) => {
    it('makes the storage try again, and count once', { timeout: 60_000 }, async () => {
      const place = `d${process.pid}`;
      const { summaryTable } = tablesOf(place);
      const dataSource = await new DataSource({ type, url }).initialize();
      const storage = new SqlStorage({ url, ...tablesOf(place) });
      const other = dataSource.createQueryRunner();
      try {
        await storage.open(context);
        const date = new Date(Date.UTC(2026, 5, 1, 12));
        const records = makeRecords(30, (index) => ({ date, status: index < 15 ? 200 : 500 }));
        await storage.store(records.slice(10, 20));

        await other.startTransaction();
        // Whoever has changed most is the last that MariaDB gives up.
        await touch(other, summaryTable, '500', 40);
        const stored = storage.store(records);
        // InnoDB lists its transactions anew only when nobody has asked for that for 100 ms.
        await expect
          .poll(
            async () => {
              const [row] = await dataSource.query(waiting.replace('PLACE', place));
              return Number(row.n);
            },
            { interval: 200, timeout: 50_000 },
          )
          .toBeGreaterThan(0);
        // The storage waits for this transaction, and now this one for the storage.
        await touch(other, summaryTable, '200', 1);
        await other.commitTransaction();
        await stored;

        const { day } = await storage.getSum('status');
        expect(day.map(({ key, hits }) => [key, hits])).toEqual([
          ['200', 15],
          ['500', 15],
        ]);
        expect(await storage.verifySummaries()).toEqual([]);
      } finally {
        await other.release();
        await storage.close();
        await dropPlace(dataSource, place);
        await dataSource.destroy();
      }
    });
  });

/** Changes the rows of a key and leaves them as they are. */
async function touch(runner: QueryRunner, table: string, key: string, times: number) {
  const column = runner.connection.driver.escape('key');
  for (let time = 0; time < times; time++)
    for (const change of ['+ 1', '- 1'])
      await runner.query(`update ${table} set hits = hits ${change} where ${column} = '${key}'`);
}
