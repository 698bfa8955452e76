import { compareKeys } from '../../summary/index.js';
import type { NoteKind } from '../contract/usage-notes.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';
import { NOTHING, type NoteTable } from './format/note-table.js';

/** Keeps named values as notes. */
export class ClickHouseNamedValues implements NamedValues {
  constructor(private readonly table: NoteTable) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    const found = await this.table.read(names.map((name) => [kind, name] as const));
    return new Map(
      [...found].flatMap(([name, { value }]) => (value === null ? [] : [[name, value] as const])),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    const names = [...values.keys()];
    const found = await this.table.read(names.map((name) => [kind, name] as const));
    await Promise.all(
      [...values].map(async ([name, text]) => {
        const note = found.get(name) ?? NOTHING;
        if (note.value === text || (await this.table.replace(kind, name, note, text))) return;
        await this.table.change(kind, name, () => text);
      }),
    );
  }

  async replace(kind: ValueKind, name: string, { expected, value }: Replacement): Promise<boolean> {
    const note = await this.table.readOne(kind, name);
    return note.value === expected && this.table.replace(kind, name, note, value);
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    await this.table.change(kind, name, (stored) =>
      stored !== null && Number(stored) >= value ? undefined : String(value),
    );
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    const found = await this.table.readAll(kind);
    return new Map([...found].map(([name, { value }]) => [name, value!] as const));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    await this.table.change(kind, name, (value) => (value === null ? undefined : null));
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    const old = [...(await this.table.readAll(kind)).keys()].filter(
      (each) => compareKeys(each, name) < 0,
    );
    for (const each of old) await this.table.change(kind, each, () => null);
    if (old.length > 0) await this.table.sweep(kind);
  }
}
