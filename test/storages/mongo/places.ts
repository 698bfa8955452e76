import type { Db } from 'mongodb';

/** Takes away the collections of a place. */
export async function dropPlace(db: Db, place: string): Promise<void> {
  for (const name of [place, `${place}_s`, `${place}_s_state`])
    await db
      .collection(name)
      .drop()
      // Version 6 of the driver says so of a collection that was never made.
      .catch((error: { codeName?: string }) => {
        if (error.codeName !== 'NamespaceNotFound') throw error;
      });
}
