import { CommandUsageError } from '../usage-error.js';
import type { OpenStorage } from './open-storage.js';

/**
 * Refuses work that would leave sums of the application's own untrue. Rows go on counting records that
 * are deleted; sums that are made of the records lose what is computed anew without them.
 *
 * @throws {CommandUsageError} that names them.
 */
export function refuseUnknownSummaries(
  { summaries: { unknown }, inspection: { hasSumRows } }: OpenStorage,
  work: 'rebuild' | 'forget' | 'delete' | 'import',
): void {
  const isHarmless = work === 'rebuild' ? hasSumRows : !hasSumRows && work !== 'import';
  if (unknown.length === 0 || isHarmless) return;
  const names = unknown.map((name) => `'${name}'`).join(', ');
  const several = unknown.length > 1;
  throw new CommandUsageError(
    `${work} would leave the sums ${names} untrue: ${several ? 'they are' : 'it is'} of the ` +
      `application's own, and how ${several ? 'they count' : 'it counts'} is not known here. Give ` +
      '--options FILE, a module whose default export is what forRoot() gets.',
  );
}
