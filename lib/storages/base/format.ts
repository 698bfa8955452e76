import { NewerFormatError } from '../contract/storage-errors.js';
import type { NamedValues } from './named-values.js';

/** The format that this version stores. Version 0.1.0 stores format 1, and notes no format. */
export const FORMAT = 2;
/** The oldest format whose code may still write where this version has written. */
export const OLDEST_FORMAT = 1;

/** What this version notes, by name. */
export const FORMAT_NOTES = [
  ['format', FORMAT],
  ['oldest', OLDEST_FORMAT],
] as const;

/**
 * Notes the format of the stored data, and the oldest format whose code may still write to it.
 * Keeps higher numbers that a newer version has noted. Call it before anything is changed.
 *
 * @param place How messages name the place: `SqlStorage: the tables usage_records and …`.
 * @param prepares Whether the note may be changed.
 * @throws {NewerFormatError} if only code of newer formats may write there.
 */
export async function settleFormat(
  values: NamedValues,
  place: string,
  prepares = true,
): Promise<void> {
  const noted = await values.read(
    'format',
    FORMAT_NOTES.map(([name]) => name),
  );
  checkFormat(Number(noted.get('oldest') ?? 0), place);
  if (!prepares) return;
  for (const [name, number] of FORMAT_NOTES)
    if (Number(noted.get(name) ?? 0) < number) await values.raise('format', name, number);
}

/**
 * Checks only `oldest`: a newer format is accepted if its `oldest` allows this version's format.
 *
 * @param oldest The oldest format that may write there, as noted; 0 if none is noted.
 * @throws {NewerFormatError} if `oldest` is newer than this version's format.
 */
export function checkFormat(oldest: number, place: string): void {
  if (oldest <= FORMAT) return;
  throw new NewerFormatError(
    `${place} was written by a newer version of nestjs-track-usage, and takes records of versions ` +
      `with format ${oldest} or newer only; this version has format ${FORMAT}. Install the newer ` +
      'version again, or store in another place.',
  );
}
