import type { UsageStorageContext } from '../../contract/usage-storage.js';
import { dialectOf } from '../dialects/dialect-of.js';
import { openEngine } from './open-engine.js';
import { layoutOf } from '../layout/sql-layout.js';
import type { TypeormTarget } from '../sql-target.js';
import { openDataSource } from './data-source.js';
import type { OpenDatabase, TableOptions } from './open-database.js';

/** Opens a database by TypeORM, which knows its driver and the application's naming. */
export async function openByTypeorm(
  target: TypeormTarget,
  options: TableOptions,
  { logger }: Pick<UsageStorageContext, 'logger'>,
): Promise<OpenDatabase> {
  const { dataSource, close } = await openDataSource(target);
  try {
    const layout = layoutOf(dataSource, await dialectOf(dataSource), options);
    const engine = openEngine(dataSource, layout, {
      isShared: 'dataSource' in target,
      migrates: options.runMigrations !== false,
      disconnect: close,
      logger,
    });
    return { layout, engine };
  } catch (error) {
    await close();
    throw error;
  }
}
