import type { LoggerService } from '@nestjs/common';
import { settleFormat } from '../../base/format.js';
import { OutdatedFormatError } from '../../contract/storage-errors.js';
import { mayMigrate, type UsageStorageContext } from '../../contract/usage-storage.js';
import type { NamedValues } from '../../base/named-values.js';
import type { CouchDatabase } from '../connection/couch-database.js';
import { hasStatus } from '../connection/failures.js';
import {
  DESIGN_BOUNDS,
  DESIGNS,
  isObsolete,
  viewPath,
  type DesignDocument,
} from './design-documents.js';

/**
 * Creates the database and its design documents if they are missing.
 *
 * Does not wait until the views are built. Design documents that no version needs are deleted after
 * that.
 *
 * @param may What may be changed: notes, and the database with its design documents.
 * @throws {OutdatedFormatError} if it may not, and the database or a design document is missing.
 * @returns Resolves when the database is usable. `building` resolves when the views are built, and
 * never rejects.
 */
export async function prepareFormat(
  database: CouchDatabase,
  values: NamedValues,
  logger: LoggerService,
  may: Pick<UsageStorageContext, 'prepares' | 'migrates'>,
): Promise<{ readonly building: Promise<void> }> {
  const place = `CouchDbStorage: the database ${database.name} on ${database.shown}`;
  if (!mayMigrate(may)) {
    await checkDatabase(database, place);
    await settleFormat(values, place, may.prepares !== false);
    return { building: Promise.resolve() };
  }
  await makeDatabase(database);
  await settleFormat(values, place);
  for (const design of DESIGNS) await makeDesign(database, design);
  const building = buildViews(database).catch((error: unknown) => {
    logger.warn(`The views could not be built ahead of use: ${(error as Error).message}`);
  });
  return { building };
}

async function checkDatabase(database: CouchDatabase, place: string): Promise<void> {
  const found = await database.find('');
  if (!found) throw new OutdatedFormatError(`${place} does not exist.`, true);
  for (const { id } of DESIGNS)
    if (!(await database.find(id)))
      throw new OutdatedFormatError(`${place} lacks ${id}: it is of an earlier version.`, false);
}

async function makeDatabase(database: CouchDatabase): Promise<void> {
  const found = await database.find('');
  if (found) {
    // Another service may also answer with JSON.
    if (!('db_name' in found) && !('doc_count' in found))
      throw new Error(
        `CouchDbStorage: what answers at ${database.shown} is not a database of CouchDB. Check the address.`,
      );
    return;
  }
  await tolerateStatus(412, () => database.ask('PUT'), database, 'make the database');
}

async function makeDesign(database: CouchDatabase, { id, views }: DesignDocument): Promise<void> {
  if (await database.find(id)) return;
  const document = { _id: id, language: 'javascript', views };
  // Another process may have created it first.
  await tolerateStatus(
    409,
    () => database.ask('PUT', id, document),
    database,
    'write design documents',
  );
}

async function tolerateStatus(
  status: number,
  work: () => Promise<unknown>,
  { name, shown }: CouchDatabase,
  what: string,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { cause } = error as Error;
    if (hasStatus(cause, status)) return;
    if (!hasStatus(cause, 401) && !hasStatus(cause, 403)) throw error;
    throw new Error(
      `CouchDbStorage: the user may not ${what} '${name}' on ${shown}. Start the application ` +
        'once with an admin, or give this user the right.',
      { cause: error },
    );
  }
}

async function buildViews(database: CouchDatabase): Promise<void> {
  for (const design of DESIGNS)
    await database.view(viewPath(design, Object.keys(design.views)[0]!), {
      limit: 1,
      reduce: false,
    });
  const bounds = new URLSearchParams({
    startkey: JSON.stringify(DESIGN_BOUNDS.first),
    endkey: JSON.stringify(DESIGN_BOUNDS.last),
  });
  const { rows = [] } = await database.ask('GET', `_all_docs?${bounds}`);
  const obsolete = (rows as { id: string; value: { rev: string } }[]).filter(({ id }) =>
    isObsolete(id),
  );
  if (obsolete.length === 0) return;
  await database.write(
    obsolete.map(({ id, value }) => ({ _id: id, _rev: value.rev, _deleted: true })),
  );
  await database.ask('POST', '_view_cleanup', {});
}
