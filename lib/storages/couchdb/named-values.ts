import { compareKeys } from '../../summary/index.js';
import type { NoteKind } from '../contract/usage-notes.js';
import {
  textOfZone,
  zoneOfText,
  type NamedValues,
  type Replacement,
  type ValueKind,
} from '../base/named-values.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import type { CouchDatabase } from './connection/couch-database.js';
import { hasStatus } from './connection/failures.js';

const ATTEMPTS = 20;

type Values = Readonly<Record<string, unknown>>;

/** The place of a kind of values. */
interface Place {
  readonly path: string;
  /**
   * The field of the document that holds the values. Without it, the values are fields of the
   * document itself.
   */
  readonly field?: string;
  readonly toStored?: (text: string) => unknown;
  readonly toText?: (stored: unknown) => string;
}

// Local documents are in no view, are not replicated and keep no old revisions.
const PLACES: Readonly<Record<ValueKind, Place>> = {
  pruned: { path: '_local/track-usage-pruned', toStored: Number },
  salt: { path: '_local/track-usage-salts', field: 'salts' },
  zone: {
    path: '_local/track-usage-zones',
    field: 'zones',
    toStored: zoneOfText,
    toText: (stored) => textOfZone(stored as NotedZone),
  },
  format: { path: '_local/track-usage-format', field: 'values' },
  coverage: { path: '_local/track-usage-coverage', field: 'values' },
  routes: { path: '_local/track-usage-routes', field: 'values' },
  process: { path: '_local/track-usage-processes', field: 'values' },
};

/** Keeps each kind of named values in its own local document. */
export class CouchNamedValues implements NamedValues {
  constructor(private readonly database: CouchDatabase) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    const { path, field, toText = String } = PLACES[kind];
    const values = valuesOf((await this.database.find(path)) ?? {}, field);
    return new Map(
      names
        .filter((name) => Object.hasOwn(values, name))
        .map((name) => [name, toText(values[name])] as const),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    const { toStored = String } = PLACES[kind];
    const added = Object.fromEntries([...values].map(([name, text]) => [name, toStored(text)]));
    await this.change(kind, (known) => ({ ...known, ...added }));
  }

  async replace(kind: ValueKind, name: string, change: Replacement): Promise<boolean> {
    const { expected, value } = change;
    const { toStored = String, toText = String } = PLACES[kind];
    return this.change(kind, (known) => {
      const present = Object.hasOwn(known, name) ? toText(known[name]) : null;
      return present === expected ? { ...known, [name]: toStored(value) } : null;
    });
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    const { toStored = String } = PLACES[kind];
    await this.change(kind, (known) =>
      Object.hasOwn(known, name) && Number(known[name]) >= value
        ? null
        : { ...known, [name]: toStored(String(value)) },
    );
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    await this.change(kind, (known) => {
      const entries = Object.entries(known);
      const kept = entries.filter(([each]) => compareKeys(each, name) >= 0);
      return kept.length === entries.length ? null : Object.fromEntries(kept);
    });
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    const { path, field } = PLACES[kind];
    const values = valuesOf((await this.database.find(path)) ?? {}, field);
    return new Map(Object.entries(values).map(([name, text]) => [name, String(text)]));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    await this.change(kind, (known) => {
      if (!Object.hasOwn(known, name)) return null;
      return Object.fromEntries(Object.entries(known).filter(([each]) => each !== name));
    });
  }

  /**
   * Replaces the values of a kind. If several processes write at once, CouchDB accepts one; the
   * others read again and retry.
   *
   * @param make Returns the new values, or null to keep the present ones.
   * @returns Whether the values were replaced.
   */
  private async change(kind: ValueKind, make: (known: Values) => Values | null): Promise<boolean> {
    const { path, field } = PLACES[kind];
    for (let attempt = 1; ; attempt++) {
      const document = (await this.database.find(path)) ?? {};
      const made = make(valuesOf(document, field));
      if (made === null) return false;
      try {
        const changed = field === undefined ? made : { ...document, [field]: made };
        await this.database.ask('PUT', path, changed);
        return true;
      } catch (error) {
        if (attempt === ATTEMPTS || !hasStatus((error as Error).cause ?? error, 409)) throw error;
      }
    }
  }
}

function valuesOf(document: Values, field: string | undefined): Values {
  return field === undefined ? document : ((document[field] ?? {}) as Values);
}
