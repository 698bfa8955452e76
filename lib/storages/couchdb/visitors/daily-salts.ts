import type { CouchDatabase } from '../connection/couch-database.js';
import { hasStatus } from '../connection/failures.js';

// A local document is in no view, is not replicated, and leaves no old revisions behind.
const PATH = '_local/track-usage-salts';
const ATTEMPTS = 20;

type Salts = Readonly<Record<string, string>>;

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  database: CouchDatabase,
  day: string,
  proposed: string,
): Promise<string> {
  const salts = await change(database, (known) =>
    known[day] === undefined ? { ...known, [day]: proposed } : known,
  );
  return String(salts[day]);
}

/** Deletes the salts of the days before. */
export async function forgetDailySalts(database: CouchDatabase, before: string): Promise<void> {
  await change(database, (known) => {
    const kept = Object.entries(known).filter(([day]) => day >= before);
    return kept.length === Object.keys(known).length ? known : Object.fromEntries(kept);
  });
}

// Of several that write, CouchDB lets one through; the others look again.
async function change(database: CouchDatabase, make: (known: Salts) => Salts): Promise<Salts> {
  for (let attempt = 1; ; attempt++) {
    const document = await database.find(PATH);
    const known = (document?.['salts'] ?? {}) as Salts;
    const salts = make(known);
    if (salts === known) return known;
    try {
      await database.ask('PUT', PATH, { ...document, salts });
      return salts;
    } catch (error) {
      if (attempt === ATTEMPTS || !hasStatus((error as Error).cause ?? error, 409)) throw error;
    }
  }
}
