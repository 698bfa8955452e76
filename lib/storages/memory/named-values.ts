import type { NoteKind } from '../contract/usage-notes.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';

/** Keeps named values in this process. */
export class MemoryValues implements NamedValues {
  private readonly kinds = new Map<ValueKind, Map<string, string>>();

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    const values = this.of(kind);
    return new Map(
      names.filter((name) => values.has(name)).map((name) => [name, values.get(name)!]),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, value] of values) this.of(kind).set(name, value);
  }

  async replace(kind: ValueKind, name: string, change: Replacement): Promise<boolean> {
    const { expected, value } = change;
    const values = this.of(kind);
    if ((values.get(name) ?? null) !== expected) return false;
    values.set(name, value);
    return true;
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    this.raiseNow(kind, name, value);
  }

  raiseNow(kind: ValueKind, name: string, value: number): void {
    const values = this.of(kind);
    const known = values.get(name);
    if (known === undefined || Number(known) < value) values.set(name, String(value));
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    const values = this.of(kind);
    for (const each of values.keys()) if (each < name) values.delete(each);
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    return new Map(this.of(kind));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    this.of(kind).delete(name);
  }

  private of(kind: ValueKind): Map<string, string> {
    let values = this.kinds.get(kind);
    if (!values) this.kinds.set(kind, (values = new Map<string, string>()));
    return values;
  }
}
