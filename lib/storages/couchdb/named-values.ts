import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import type { CouchDatabase } from './connection/couch-database.js';
import { hasStatus } from './connection/failures.js';

// Local documents are in no view, are not replicated, and leave no old revisions behind.
const PRUNED = '_local/track-usage-pruned';
const ZONES = '_local/track-usage-zones';
const SALTS = '_local/track-usage-salts';
const ATTEMPTS = 20;
const PRUNED_KINDS = ['records', 'hour', 'day', 'month'] as const;

type Values = Readonly<Record<string, unknown>>;
type Salts = Readonly<Record<string, string>>;

/** Pruned watermarks, the zones of sums and daily salts: each kind in a document of its own. */
export class NamedValues {
  constructor(private readonly database: CouchDatabase) {}

  /** Notes that data of a kind is gone from before an instant. */
  async notePruned(kind: keyof PrunedUntil, before: number): Promise<void> {
    await this.change(PRUNED, (noted) => {
      const known = noted[kind];
      return typeof known === 'number' && known >= before ? noted : { ...noted, [kind]: before };
    });
  }

  async readPruned(): Promise<PrunedUntil> {
    const noted = await this.read(PRUNED);
    return Object.fromEntries(
      PRUNED_KINDS.filter((kind) => typeof noted[kind] === 'number').map((kind) => [
        kind,
        noted[kind],
      ]),
    );
  }

  /** Notes the zone that the sums of some dimensions are cut in. */
  async noteZone(dimensions: readonly string[], zone: NotedZone): Promise<void> {
    const added = Object.fromEntries(dimensions.map((dimension) => [dimension, zone]));
    await this.change(ZONES, (noted) => ({
      ...noted,
      zones: { ...(noted['zones'] as object | undefined), ...added },
    }));
  }

  async readZones(): Promise<Map<string, NotedZone>> {
    const noted = await this.read(ZONES);
    return new Map(Object.entries((noted['zones'] ?? {}) as Record<string, NotedZone>));
  }

  /** The salt of a day that all processes share: the stored one, or else the proposed one. */
  async dailySalt(day: string, proposed: string): Promise<string> {
    const noted = await this.change(SALTS, (found) => {
      const salts = saltsOf(found);
      return salts[day] === undefined ? { ...found, salts: { ...salts, [day]: proposed } } : found;
    });
    return String(saltsOf(noted)[day]);
  }

  /** Deletes the salts of the days before. */
  async forgetDailySalts(before: string): Promise<void> {
    await this.change(SALTS, (found) => {
      const all = Object.entries(saltsOf(found));
      const kept = all.filter(([day]) => day >= before);
      return kept.length === all.length ? found : { ...found, salts: Object.fromEntries(kept) };
    });
  }

  private async read(path: string): Promise<Values> {
    return (await this.database.find(path)) ?? {};
  }

  /**
   * Replaces a document. Of several processes that write at once, CouchDB lets one through; the
   * others read it again.
   *
   * @param make Gives the new values, or the very ones that it got if they are right.
   */
  private async change(path: string, make: (noted: Values) => Values): Promise<Values> {
    for (let attempt = 1; ; attempt++) {
      const noted = await this.read(path);
      const made = make(noted);
      if (made === noted) return noted;
      try {
        await this.database.ask('PUT', path, made);
        return made;
      } catch (error) {
        if (attempt === ATTEMPTS || !hasStatus((error as Error).cause ?? error, 409)) throw error;
      }
    }
  }
}

function saltsOf(noted: Values): Salts {
  return (noted['salts'] ?? {}) as Salts;
}
