import { clientParts } from '../../../summary/index.js';
import type { AnyRow } from '../metrics.js';

/** A client with all of its versions. */
export interface Client {
  /** Null: requests without a client's name, or folded ones. */
  readonly name: string | null;
  readonly hits: number;
  /** The most used first. */
  readonly versions: readonly {
    readonly value: string;
    readonly version: string;
    readonly hits: number;
  }[];
}

/**
 * The clients of a report by `client`, the most used first.
 *
 * @param rows Those of each value, the most used first. A value may have a row for each bucket.
 */
export function clientsOf(rows: readonly AnyRow[]): Client[] {
  const hitsOf = new Map<unknown, number>();
  for (const row of rows)
    hitsOf.set(row['client'], (hitsOf.get(row['client']) ?? 0) + (row.hits ?? 0));
  const found = new Map<string | null, { hits: number; versions: Client['versions'][number][] }>();
  for (const [client, hits] of hitsOf) {
    const { name, version } = splitClient(client);
    const known = found.get(name) ?? { hits: 0, versions: [] };
    found.set(name, known);
    known.hits += hits;
    if (name !== null) known.versions.push({ value: client as string, version, hits });
  }
  return [...found]
    .map(([name, client]) => ({ name, ...client }))
    .sort((one, other) => other.hits - one.hits);
}

/** The name and the version of a client: `MyShop 4.12.0`. */
export function splitClient(client: unknown): { name: string | null; version: string } {
  const { name, version } = clientParts(typeof client === 'string' ? client : null);
  return { name, version: version ?? '' };
}
