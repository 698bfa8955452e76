import type { NamedValues } from './named-values.js';

/** The format of what this version stores. Version 0.1.0 stores format 1, and notes none. */
export const FORMAT = 2;
/** The oldest format whose code may still write to a place that this version has written to. */
export const OLDEST_FORMAT = 1;

/** What is stored takes the records of newer versions only. Stops the start. */
export class NewerFormatError extends Error {
  override readonly name = 'NewerFormatError';
}

const NAMES = ['format', 'oldest'] as const;

/**
 * Notes the format of what is stored, and the oldest format whose code may still write there. A
 * newer version may have noted higher numbers; they stay. To be called before anything is changed.
 *
 * @param place What is shown of the place: `SqlStorage: the tables usage_records and …`.
 * @throws {NewerFormatError} if only the code of newer formats may write there.
 */
export async function settleFormat(values: NamedValues, place: string): Promise<void> {
  const noted = await values.read('format', NAMES);
  checkFormat(Number(noted.get('oldest') ?? 0), place);
  for (const [name, number] of [
    ['format', FORMAT],
    ['oldest', OLDEST_FORMAT],
  ] as const)
    if (Number(noted.get(name) ?? 0) < number) await values.raise('format', name, number);
}

/**
 * Refuses nothing else: a newer format whose `oldest` allows this one is written beside.
 *
 * @param oldest The oldest format that may write there, as noted; 0 if none is.
 * @throws {NewerFormatError} if it is newer than this version's format.
 */
export function checkFormat(oldest: number, place: string): void {
  if (oldest <= FORMAT) return;
  throw new NewerFormatError(
    `${place} was written by a newer version of nestjs-track-usage, and takes records of versions ` +
      `with format ${oldest} or newer only; this version has format ${FORMAT}. Install the newer ` +
      'version again, or store in another place.',
  );
}
