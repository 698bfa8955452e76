import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { recordSize } from '../../lib/delivery/record-size.js';
import type { UsageRecord } from 'nestjs-track-usage';
import {
  agentOf,
  AS_IS,
  mapRecord,
  RECORD_FIELDS,
  valuesOf,
  type RecordField,
} from '../../lib/record/index.js';
import { sqliteDialect } from '../../lib/storages/sql/dialects/sqlite.dialect.js';
import { USAGE_MIGRATIONS } from '../../lib/storages/sql/format/migrate.js';
import { plainLayout } from '../../lib/storages/sql/layout/plain-layout.js';

const PATHS = RECORD_FIELDS.map(({ path }) => path);

describe('The fields of a record', () => {
  it('are read and made by their own names, in the order of the table', () => {
    const flat = Object.fromEntries(PATHS.map((path) => [path, path]));
    const record = { id: 'id', ...mapRecord(flat, agentOf(flat), AS_IS) };
    expect(valuesOf(record as unknown as UsageRecord)).toEqual(PATHS);
  });

  it('are null where they may be, and nothing is known of them', () => {
    const { userAgent, ...fields } = mapRecord({}, {}, AS_IS);
    const known = new Map(Object.entries(fields));
    for (const [name, value] of Object.entries(userAgent)) known.set(`userAgent.${name}`, value);
    for (const { path, nullable } of RECORD_FIELDS)
      if (nullable) expect(known.get(path), path).toBeNull();
  });

  it('can be null in the database where they came after the first version', () => {
    for (const { path, since, nullable } of RECORD_FIELDS)
      if (since > 1) expect(nullable, path).toBe(true);
  });

  it('each have a column that a migration makes', () => {
    const layout = plainLayout(sqliteDialect, {});
    const made = new Map(
      USAGE_MIGRATIONS.flatMap((migration) => migration.columns(layout))
        .filter(({ path }) => path === layout.records.path)
        .flatMap(({ columns }) => columns)
        .map(({ name, property, kind, nullable = false }) => [
          property,
          { name, property, kind, nullable },
        ]),
    );
    expect([...made.values()]).toEqual(layout.records.columns);
  });
});

describe('The size of a record', () => {
  it('counts each text that clients choose the length of, and all JSON', () => {
    const nothing = {
      ...mapRecord({ url: '', path: '', urlArgs: {} }, {}, AS_IS),
      id: '',
    } as unknown as UsageRecord;
    const empty = recordSize(nothing);
    for (const field of RECORD_FIELDS) {
      const [name, part] = field.path.split('.') as [keyof UsageRecord, string?];
      const text = 'x'.repeat(1000);
      const value =
        field.kind !== 'json' ? text : field.shape === 'geography' ? { raw: text } : { text };
      const given = part === undefined ? value : { ...nothing.userAgent, [part]: value };
      const added = recordSize({ ...nothing, [name]: given }) - empty;
      const isCounted = field.kind === 'json' || (field.kind === 'text' && field.isClientText);
      expect(added >= 2000, field.path).toBe(isCounted);
    }
  });
});

describe('The manual', () => {
  it('lists each field with its type', () => {
    const page = fileURLToPath(new URL('../../docs/guide/record.md', import.meta.url));
    const section = readFileSync(page, 'utf8');
    const listed = new Map<string, string>();
    for (const [, names, type] of section.matchAll(/^\| (`[^|]*?) *\| (.*?) *\|/gm))
      for (const [, name] of names!.matchAll(/`(\w+)`/g)) listed.set(name!, type!);
    const expected = new Map(
      RECORD_FIELDS.map((field) =>
        field.path.startsWith('userAgent.')
          ? ['userAgent', 'object']
          : [field.path, typeInWords(field)],
      ),
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected));
    expect(section).toContain(`\`{ ${partsOf('userAgent').join(', ')} }\``);
  });
});

function partsOf(parent: string): string[] {
  return PATHS.filter((path) => path.startsWith(`${parent}.`)).map((path) => path.split('.')[1]!);
}

function typeInWords(field: RecordField): string {
  const type = WORDS[field.kind] ?? 'number';
  const words = field.kind === 'choice' ? field.choices.map((each) => `\`'${each}'\``) : [type];
  return [...words, ...(field.nullable ? ['null'] : [])].join(' or ');
}

const WORDS: { readonly [kind in RecordField['kind']]?: string } = {
  id: 'string',
  text: 'string',
  instant: 'Date',
  flag: 'boolean',
  json: 'object',
};
