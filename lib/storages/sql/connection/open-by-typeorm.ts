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
): Promise<OpenDatabase> {
  const { dataSource, close } = await openDataSource(target);
  try {
    const layout = layoutOf(dataSource, await dialectOf(dataSource), names);
    return { layout, engine: openEngine(dataSource, layout, 'dataSource' in target, close) };
  } catch (error) {
    await close();
    throw error;
  }
}
