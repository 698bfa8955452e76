import { messageOf } from '../../../support/thrown-value.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { UsageMigration } from './usage-migration.js';

/**
 * Says that an optional migration has failed.
 *
 * @param next What becomes of it.
 */
export function leftOut(
  { name }: UsageMigration,
  { summaries }: SqlLayout,
  next: string,
  error: unknown,
): string {
  return (
    `SqlStorage: ${name} could not run, ${next}. It makes what dashboards read of ` +
    `${summaries.path}; nothing else needs it. ${messageOf(error)}`
  );
}
