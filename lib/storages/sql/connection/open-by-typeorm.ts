import type { UsageStorageContext } from '../../usage-storage.js';
import { dialectOf } from '../dialects/dialect-of.js';
import { openEngine } from '../engines/open-engine.js';
import { layoutOf, type UsageTableNames } from '../layout/sql-layout.js';
import type { TypeormTarget } from '../sql-target.js';
import { openDataSource } from './data-source.js';
import type { OpenDatabase } from './open-database.js';

/** Opens a database by TypeORM, which knows its driver and the application's naming. */
export async function openByTypeorm(
  target: TypeormTarget,
  names: UsageTableNames,
  { logger }: Pick<UsageStorageContext, 'logger'>,
): Promise<OpenDatabase> {
  const { dataSource, close } = await openDataSource(target);
  try {
    const layout = layoutOf(dataSource, await dialectOf(dataSource), names);
    const isApplications = 'dataSource' in target;
    return { layout, engine: openEngine(dataSource, layout, isApplications, close, logger) };
  } catch (error) {
    await close();
    throw error;
  }
}
