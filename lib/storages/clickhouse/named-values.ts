import { compareKeys } from '../../summary/index.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';
import type { NoteTable } from './format/note-table.js';

/** Keeps named values as notes. */
export class ClickHouseNamedValues implements NamedValues {
  constructor(private readonly notes: NoteTable) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    const found = await this.notes.read(names.map((name) => [kind, name] as const));
    return new Map(
      [...found].flatMap(([name, { value }]) => (value === null ? [] : [[name, value] as const])),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, text] of values) await this.notes.change(kind, name, () => text);
  }

  async replace(kind: ValueKind, name: string, { expected, value }: Replacement): Promise<boolean> {
    const note = await this.notes.readOne(kind, name);
    return note.value === expected && this.notes.replace(kind, name, note, value);
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    await this.notes.change(kind, name, (stored) =>
      stored !== null && Number(stored) >= value ? undefined : String(value),
    );
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    const old = [...(await this.notes.readAll(kind)).keys()].filter(
      (each) => compareKeys(each, name) < 0,
    );
    for (const each of old) await this.notes.change(kind, each, () => null);
    if (old.length > 0) await this.notes.sweep(kind);
  }
}
