import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** Which page of the manual lists the options that a file declares. */
const PAGES: readonly [file: string, page: string][] = [
  ['storages/memory/memory.storage.ts', 'storages/memory.md'],
  ['storages/sqlite/sqlite-storage.options.ts', 'storages/sqlite.md'],
  ['storages/sql/sql-storage.options.ts', 'storages/sql.md'],
  ['storages/mongo/mongo-storage.options.ts', 'storages/mongo.md'],
  ['storages/mongo/mongo-piggyback-storage.options.ts', 'storages/mongo.md'],
  ['storages/mongo/mongo-usage-storage.options.ts', 'storages/mongo.md'],
  ['storages/mongo/mongo-usage-storage.options.ts', 'storages/mongoose.md'],
  ['storages/mongoose/mongoose-storage.options.ts', 'storages/mongoose.md'],
  ['storages/redis/redis-storage.options.ts', 'storages/redis.md'],
  ['storages/couchdb/couchdb-storage.options.ts', 'storages/couchdb.md'],
  ['storages/clickhouse/clickhouse-storage.options.ts', 'storages/clickhouse.md'],
  ['metrics/prometheus/prometheus-writer.options.ts', 'operations/prometheus.md'],
  ['metrics/shared/label-options.ts', 'operations/prometheus.md'],
  ['metrics/opentelemetry/opentelemetry-writer.options.ts', 'operations/opentelemetry.md'],
  ['metrics/shared/label-options.ts', 'operations/opentelemetry.md'],
];

describe('The page of a storage', () => {
  it.each(PAGES)('has the options of lib/%s: docs/%s', (file, page) => {
    const rows = textOf(`docs/${page}`)
      .split('\n')
      .filter((line) => line.startsWith('| '));
    const shown = rows.map((row) => row.split(' | ')[0]!).join();
    const options = optionsOf(`lib/${file}`);
    expect(options).not.toEqual([]);
    for (const option of options) expect(shown).toContain(`\`${option}\``);
  });
});

function textOf(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}

/** The optional members of the first interface of options in a file. */
function optionsOf(path: string): string[] {
  const source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
  const options = source.statements
    .filter(ts.isInterfaceDeclaration)
    .find(({ name }) => name.text.endsWith('Options'));
  const members: readonly ts.TypeElement[] = options?.members ?? [];
  return members.filter(ts.isPropertySignature).map((each) => each.name.getText());
}
