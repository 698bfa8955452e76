import { nearestName } from '../../../support/nearest-name.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';

/** @throws {UsageQueryError} if `given` is no plain object or has a field that is not known. */
export function knownFields(given: unknown, known: readonly string[]): void {
  if (!isPlainObject(given))
    throw new UsageQueryError('query', given, `an object with ${known.join(', ')}`);
  for (const [field, value] of Object.entries(given))
    if (!known.includes(field)) throw unknownField(field, field, value, known);
}

/** The error about a field that is not known, with the nearest name if one is close. */
export function unknownField(
  name: string,
  field: string,
  value: unknown,
  known: readonly string[],
): UsageQueryError {
  const expected = `one of the fields ${known.join(', ')}${hint(field, known)}`;
  return new UsageQueryError(name, value, expected);
}

/** ` (did you mean startDate?)`, or nothing if no name is close. */
export function hint(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
