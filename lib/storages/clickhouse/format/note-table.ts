import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { ClickHouseDatabase } from '../connection/clickhouse-database.js';
import { literal } from './clickhouse-text.js';
import type { Tables } from './tables.js';

/** A note as it is stored. */
export interface Note {
  /** Null: it was deleted. */
  readonly value: string | null;
  /** Rises with each change. */
  readonly revision: number;
}

type Place = readonly [kind: string, name: string];

/** Notes that are about to be read. */
interface Reading {
  readonly places: Map<string, Place>;
  readonly notes: Promise<ReadonlyMap<string, Note>>;
}

/** A note that was never written. */
export const NOTHING: Note = { value: null, revision: 0 };
const ATTEMPTS = 50;
/** Whoever has written a revision reads it back before so many others are written. */
const KEPT_REVISIONS = 200;

/**
 * Texts that processes change one after the other. Each change is a row with the next revision. The
 * server takes one insert of each revision and passes over the others, by their deduplication token;
 * who reads the own row back has won.
 */
export class NoteTable {
  private next: Reading | null = null;

  constructor(
    private readonly database: ClickHouseDatabase,
    private readonly tables: Tables,
  ) {}

  /** Reads notes of different names by kind and name. What was never noted is left out. */
  async read(places: readonly Place[]): Promise<Map<string, Note>> {
    if (places.length === 0) return new Map();
    const reading = (this.next ??= this.begin());
    for (const each of places) reading.places.set(idOf(each), each);
    const notes = await reading.notes;
    return new Map(
      places.flatMap((each) => {
        const note = notes.get(idOf(each));
        return note ? [[each[1], note] as const] : [];
      }),
    );
  }

  /** Reads all that is asked for in one turn of the event loop, by one statement. */
  private begin(): Reading {
    const places = new Map<string, Place>();
    const notes = turn().then(() => {
      this.next = null;
      return this.readNow([...places.values()]);
    });
    return { places, notes };
  }

  private async readNow(places: readonly Place[]): Promise<Map<string, Note>> {
    const wanted = places.map((each) => `(${each.map(literal).join(', ')})`);
    const rows = await this.database.rows(
      `SELECT kind, name, toString(max(revision)), ` +
        `tupleElement(argMax(tuple(value), revision), 1) ` +
        `FROM ${this.tables.path('notes')} WHERE (kind, name) IN (${wanted.join(', ')}) ` +
        'GROUP BY kind, name',
    );
    return new Map(
      rows.map(([kind, name, revision, value]) => [
        idOf([kind as string, name as string]),
        { value: value as string | null, revision: Number(revision) },
      ]),
    );
  }

  async readOne(kind: string, name: string): Promise<Note> {
    return (await this.read([[kind, name]])).get(name) ?? NOTHING;
  }

  /** Reads all notes of a kind that are not deleted. */
  async readAll(kind: string): Promise<Map<string, Note>> {
    const names = await this.database.rows(
      `SELECT DISTINCT name FROM ${this.tables.path('notes')} WHERE kind = ${literal(kind)}`,
    );
    const found = await this.read(names.map(([name]) => [kind, name as string] as const));
    return new Map([...found].filter(([, { value }]) => value !== null));
  }

  /**
   * Writes a note if nobody has changed it since it was read.
   *
   * @returns Whether it was written. If several processes do so at once, one succeeds.
   */
  async replace(kind: string, name: string, before: Note, value: string | null): Promise<boolean> {
    const revision = before.revision + 1;
    const owner = randomUUID();
    await this.database.insert(
      this.tables.path('notes'),
      ['kind', 'name', 'revision', 'value', 'owner'],
      [[kind, name, revision, value, owner]],
      {
        insert_deduplicate: 1,
        insert_deduplication_token: JSON.stringify([kind, name, revision]),
        distributed_foreground_insert: 1,
      },
    );
    const [row] = await this.database.rows(
      `SELECT owner FROM ${this.tables.path('notes')} WHERE kind = ${literal(kind)} ` +
        `AND name = ${literal(name)} AND revision = ${revision}`,
    );
    return row?.[0] === owner;
  }

  /**
   * Changes a note.
   *
   * @param change Returns the new value; null deletes it, undefined leaves it as it is. Called again
   * if another process was first.
   */
  async change(
    kind: string,
    name: string,
    change: (value: string | null) => string | null | undefined,
  ): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const note = await this.readOne(kind, name);
      const value = change(note.value);
      if (value === undefined || value === note.value) return;
      if (await this.replace(kind, name, note, value)) return;
    }
    throw new Error(
      `ClickHouseStorage: others changed the note ${kind} ${name} during ${ATTEMPTS} attempts.`,
    );
  }

  /** Deletes revisions that nobody reads any more. */
  async sweepOld(): Promise<void> {
    const path = this.tables.localPath('notes');
    const old =
      `(kind, name, revision) IN (SELECT kind, name, revision FROM ${path} AS n INNER JOIN ` +
      `(SELECT kind, name, max(revision) AS newest FROM ${path} GROUP BY kind, name) AS m ` +
      `USING (kind, name) WHERE revision + ${KEPT_REVISIONS} < newest)`;
    await this.tables.deleteIfAny(this.database, 'notes', old);
  }

  /** Deletes the texts of deleted notes, and those of earlier revisions. */
  async sweep(kind: string): Promise<void> {
    const { database, tables } = this;
    const path = tables.localPath('notes');
    await tables.alter(
      database,
      'notes',
      `DELETE WHERE kind = ${literal(kind)} AND (name, revision) NOT IN ` +
        `(SELECT name, max(revision) FROM ${path} WHERE kind = ${literal(kind)} GROUP BY name)`,
    );
  }
}

function idOf(place: Place): string {
  return JSON.stringify(place);
}
