import type { NoteKind } from '../contract/usage-notes.js';
import type { Replacement } from '../base/named-values.js';
import type { NoteTable } from './layout/sql-layout.js';
import { SqlBindings, type SqlScript } from './sql-statement.js';

/** Reads the notes of a kind. */
export function* readNotes(table: NoteTable, kind: NoteKind): SqlScript<[string, string][]> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('kind')} = ${table.dialect.placeholder(1)}`,
    values: [kind],
  };
  return rows.map((row) => [String(row['name']), String(row['note'])]);
}

/** Writes a note if the stored text is the expected one. Of several processes, one succeeds. */
export function* replaceNote(
  table: NoteTable,
  kind: NoteKind,
  name: string,
  { expected, value }: Replacement,
): SqlScript<boolean> {
  // If several processes insert, the primary key lets only the first one succeed.
  if (expected === null) return (yield* table.dialect.insert(table, [[kind, name, value]])) > 0;
  const bindings = new SqlBindings(table.dialect);
  const { changes } = yield {
    sql:
      `update ${table.path} set ${table.column('note')} = ${bindings.add(value)} ` +
      `where ${keyIs(table, bindings, kind, name)} ` +
      `and ${table.column('note')} = ${bindings.add(expected)}`,
    values: bindings.values,
  };
  return changes > 0;
}

export function* deleteNote(table: NoteTable, kind: NoteKind, name: string): SqlScript {
  const bindings = new SqlBindings(table.dialect);
  yield {
    sql: `delete from ${table.path} where ${keyIs(table, bindings, kind, name)}`,
    values: bindings.values,
  };
}

function keyIs(table: NoteTable, bindings: SqlBindings, kind: NoteKind, name: string): string {
  return (
    `${table.column('kind')} = ${bindings.add(kind)} and ` +
    `${table.column('name')} = ${bindings.add(name)}`
  );
}
