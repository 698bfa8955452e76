import type { DataSource, Logger, QueryRunner } from 'typeorm';

/** Characters of a statement that are shown. */
const SHOWN = 100;

// What a runner of TypeORM has beside its interface; `connection` before TypeORM 1.
interface RunnerParts {
  driver: { dataSource?: DataSource; connection?: DataSource };
  broadcaster: object;
}

/**
 * A connection of the application's data source whose statements are none of the application's: its
 * query log would get every record, and its subscribers every statement. What was slow is still
 * told, by the beginning of its statement, without values; errors are told by delivery.
 */
export function unloggedRunner(dataSource: DataSource): QueryRunner {
  const runner = dataSource.createQueryRunner();
  const parts = runner as unknown as Partial<RunnerParts>;
  if (parts.driver) {
    const quiet = shadowed(dataSource, { logger: slowStatementsOnly(dataSource.logger) });
    const names = (['dataSource', 'connection'] as const).filter((name) => name in parts.driver!);
    parts.driver = shadowed(
      parts.driver,
      Object.fromEntries(names.map((name) => [name, quiet])) as RunnerParts['driver'],
    );
  }
  if (parts.broadcaster)
    parts.broadcaster = shadowed(parts.broadcaster, {
      broadcast: async () => {},
      broadcastBeforeQueryEvent() {},
      broadcastAfterQueryEvent() {},
    });
  return runner;
}

function slowStatementsOnly(logger: Logger): Logger {
  return shadowed(logger, {
    logQuery() {},
    logQueryError() {},
    logQuerySlow(time: number, query: string, _values?: unknown[], runner?: QueryRunner) {
      const shown = query.length > SHOWN ? `${query.slice(0, SHOWN)}…` : query;
      logger.logQuerySlow(time, shown, undefined, runner);
    },
  });
}

/** The same object, but for some of its members; what is written to others goes to a copy. */
function shadowed<T extends object>(of: T, members: object): T {
  return Object.create(of, Object.getOwnPropertyDescriptors(members)) as T;
}
