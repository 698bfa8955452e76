import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OptionSources, optionTable } from './option-tables.js';
import { pages } from './snippets.js';

// `UPDATE_MANUAL=1 npx vitest run test/readme/option-tables.spec.ts` writes the tables.

/** What stands elsewhere: in the text beside an example, or in the parts of `forRoot()`. */
const WITHOUT_TABLE = [
  'ApiKeyOptions',
  'DeprecatedRouteOptions',
  'TrackUsageRouteOptions',
  // A part of those of both writers.
  'MetricLabelOptions',
  // Parts of GeoIpOptions, whose endpoint, database and resolve the example of the page tells apart.
  'GeoIpDatabaseOptions',
  'GeoIpEndpointOptions',
  'GeoIpResolverOptions',
];

const MARKED =
  /(<!-- options of (\w+): begin -->\n<!-- prettier-ignore -->\n)([\s\S]*?)(\n\n<!-- options of \2: end -->)/g;

const sources = new OptionSources();
const marked = pages().flatMap((page) => {
  const text = readFileSync(fileOf(page), 'utf8');
  return [...text.matchAll(MARKED)].map(([, , name, table]) => ({
    page,
    name: name!,
    table: table!,
  }));
});

describe('The tables of options in the manual', () => {
  it.each(marked)('say of $name what its docstrings say: $page', ({ page, name, table }) => {
    const current = optionTable(sources.optionsOf(name), page);
    if (!process.env.UPDATE_MANUAL) return expect(table).toBe(current);
    const text = readFileSync(fileOf(page), 'utf8');
    const written = text.replaceAll(MARKED, (whole, begin, of, _table, end) =>
      of === name ? `${begin}${current}${end}` : whole,
    );
    writeFileSync(fileOf(page), written);
  });

  it('are there for every public interface of options', () => {
    const shown = marked.map(({ name }) => name);
    expect(
      sources
        .publicNames()
        .filter((name) => !shown.includes(name))
        .sort(),
    ).toEqual(WITHOUT_TABLE.sort());
  });

  it('have a meaning for every option', () => {
    const empty = marked.flatMap(({ name }) =>
      sources.optionsOf(name).filter(({ meaning }) => meaning === ''),
    );
    expect(empty).toEqual([]);
  });
});

function fileOf(page: string): string {
  return fileURLToPath(new URL(`../../${page}`, import.meta.url));
}
