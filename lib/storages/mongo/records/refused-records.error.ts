import type { WriteRefusal } from '../connection/write-failure.js';

/** The collection does not take some of the records. The others are stored. */
export class RefusedRecordsError extends Error {
  override readonly name = 'RefusedRecordsError';

  constructor(collection: string, count: number, refused: readonly WriteRefusal[]) {
    const [first] = refused;
    const hint =
      first?.code === 121
        ? ` The collection has a validator that does not take the library's documents: change it, or name another collection.`
        : '';
    super(
      `The collection ${collection} refused ${refused.length} of ${count} records: ` +
        `${first?.message} (code ${first?.code}).${hint}`,
    );
  }
}
