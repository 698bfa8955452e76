import type { DataSource, Logger, QueryRunner } from 'typeorm';

/** Characters of a slow statement that are logged. */
const SHOWN = 100;

// Members of TypeORM's query runner that its interface lacks. `dataSource` is called `connection`
// before TypeORM 1.
interface RunnerParts {
  driver: { dataSource?: DataSource; connection?: DataSource };
  broadcaster: object;
}

/**
 * Creates a query runner on the application's data source that bypasses its query log and its
 * subscribers: the log would get every record, the subscribers every statement. Slow statements are
 * still logged by their first 100 characters, without values. Delivery logs errors.
 */
export function unloggedRunner(dataSource: DataSource): QueryRunner {
  const runner = dataSource.createQueryRunner();
  const parts = runner as unknown as Partial<RunnerParts>;
  if (parts.driver) {
    const quiet = withMembers(dataSource, { logger: slowStatementsOnly(dataSource.logger) });
    const names = (['dataSource', 'connection'] as const).filter((name) => name in parts.driver!);
    parts.driver = withMembers(
      parts.driver,
      Object.fromEntries(names.map((name) => [name, quiet])) as RunnerParts['driver'],
    );
  }
  if (parts.broadcaster)
    parts.broadcaster = withMembers(parts.broadcaster, {
      broadcast: async () => {},
      broadcastBeforeQueryEvent() {},
      broadcastAfterQueryEvent() {},
    });
  return runner;
}

function slowStatementsOnly(logger: Logger): Logger {
  return withMembers(logger, {
    logQuery() {},
    logQueryError() {},
    logQuerySlow(time: number, query: string, _values?: unknown[], runner?: QueryRunner) {
      const shown = query.length > SHOWN ? `${query.slice(0, SHOWN)}…` : query;
      logger.logQuerySlow(time, shown, undefined, runner);
    },
  });
}

/**
 * An object that inherits from another and overrides some of its members. Writes go to the new
 * object only.
 */
function withMembers<T extends object>(of: T, members: object): T {
  return Object.create(of, Object.getOwnPropertyDescriptors(members)) as T;
}
