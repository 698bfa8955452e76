import type { NoteKind } from '../contract/usage-notes.js';
import { COVERAGE } from '../base/coverage-note.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';
import { textOfZone, zoneOfText } from '../base/named-values.js';
import type { SqlDialect } from './dialects/dialect.js';
import type { SqlValue } from './dialects/shapes.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlLayout } from './layout/sql-layout.js';
import { deleteNote, readNotes, replaceNote } from './notes.js';
import { SqlBindings, type SqlScript } from './sql-statement.js';
import { noteZone, raiseNumber, readNumbers, readZones } from './summaries/bucket-notes.js';
import { readCoverage, replaceCoverage } from './summaries/coverage-notes.js';

/**
 * Stores named values in SQL. Salts have a table of their own. Watermarks, zones, formats and the
 * coverage are rows of the buckets' table, which every version of the library creates. Notes have
 * a table too.
 */
export class SqlValues implements NamedValues {
  /**
   * @param onSaltsDeleted Called after salts were deleted, to remove them from the database's
   * files.
   */
  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly onSaltsDeleted: () => Promise<void>,
  ) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    const all = await this.engine.steps(() => this.readAll(kind, names));
    return new Map([...all].filter(([name]) => names.includes(name)));
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    if (kind !== 'zone') throw unsupportedKindError('write', kind);
    const { layout } = this;
    await this.engine.transaction(function* () {
      yield* layout.records.dialect.lockExclusive(layout);
      for (const [dimension, text] of values)
        yield* noteZone(layout.buckets, [dimension], zoneOfText(text));
    });
  }

  replace(kind: ValueKind, name: string, { expected, value }: Replacement): Promise<boolean> {
    const { buckets, salts } = this.layout;
    if (kind === 'coverage' && name === COVERAGE)
      return this.engine.transaction(() => replaceCoverage(buckets, expected, value));
    if (kind === 'routes' || kind === 'process')
      return this.engine.transaction(() =>
        replaceNote(this.layout.notes, kind, name, { expected, value }),
      );
    if (kind !== 'salt' || expected !== null) throw unsupportedKindError('replace', kind);
    const { dialect } = salts;
    return this.engine.transaction(function* () {
      // If several processes insert, the primary key lets only the first one succeed.
      const inserted = yield* dialect.insert(salts, [[name, hideFromLog(dialect, value)]]);
      return inserted > 0;
    });
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    if (kind !== 'pruned' && kind !== 'format') throw unsupportedKindError('raise', kind);
    const { buckets } = this.layout;
    await this.engine.transaction(() => raiseNumber(buckets, kind, name, value));
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    if (kind !== 'salt') throw unsupportedKindError('deleteBefore', kind);
    const { salts } = this.layout;
    const bindings = new SqlBindings(salts.dialect);
    const sql = `delete from ${salts.path} where ${salts.column('day')} < ${bindings.add(name)}`;
    await this.engine.transaction(function* () {
      yield { sql, values: bindings.values };
    });
    await this.onSaltsDeleted();
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    return new Map(await this.engine.steps(() => readNotes(this.layout.notes, kind)));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    await this.engine.transaction(() => deleteNote(this.layout.notes, kind, name));
  }

  private *readAll(
    kind: ValueKind,
    names: readonly string[],
  ): SqlScript<Iterable<[string, string]>> {
    const { buckets, salts, notes } = this.layout;
    switch (kind) {
      case 'pruned':
      case 'format':
        return [...(yield* readNumbers(buckets, kind))].map(([name, value]) => [
          name,
          String(value),
        ]);
      case 'zone':
        return [...(yield* readZones(buckets))].map(([name, zone]) => [name, textOfZone(zone)]);
      case 'salt':
        return yield* readSalts(salts, names);
      case 'routes':
      case 'process':
        return yield* readNotes(notes, kind);
      case 'coverage': {
        const text = yield* readCoverage(buckets);
        return text === null ? [] : [[COVERAGE, text]];
      }
    }
  }
}

function* readSalts(
  salts: SqlLayout['salts'],
  days: readonly string[],
): SqlScript<[string, string][]> {
  if (days.length === 0) return [];
  const bindings = new SqlBindings(salts.dialect);
  const { rows } = yield {
    sql:
      `select ${salts.selectList('t')} from ${salts.path} t ` +
      `where t.${salts.column('day')} in (${days.map((day) => bindings.add(day)).join(', ')})`,
    values: bindings.values,
  };
  return rows.map((row) => [String(row['day']), String(row['salt'])]);
}

function unsupportedKindError(operation: string, kind: ValueKind): Error {
  return new Error(`SqlStorage: ${operation}() is not supported for values of the kind ${kind}.`);
}

/**
 * A text that drivers bind as it is and TypeORM's query log shows as `[hidden]`: both drivers ask
 * an object for its value, while the log converts it to JSON.
 */
function hideFromLog(dialect: SqlDialect, text: string): SqlValue {
  // SQLite's statements bypass TypeORM's log.
  if (dialect.name === 'sqlite') return text;
  if (!/^[\w-]*$/.test(text)) throw new TypeError('The text has characters that SQL may read.');
  const hidden = {
    toPostgres: () => text,
    toSqlString: () => `'${text}'`,
    toJSON: () => '[hidden]',
  };
  return hidden as unknown as SqlValue;
}
