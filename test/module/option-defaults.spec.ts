import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { CAPTURE_OPTIONS } from '../../lib/capture/capture-options.js';
import { ENRICHMENT_OPTIONS } from '../../lib/enrichment/enrichment-options.js';
import { GEO_IP_OPTIONS } from '../../lib/enrichment/geo-ip/geo-ip-options.js';
import { COOKIE_OPTIONS } from '../../lib/enrichment/visitors/cookie-options.js';
import { JOURNAL_OPTIONS } from '../../lib/delivery/journal/journal-options.js';
import { TRACK_USAGE_OPTIONS } from '../../lib/module/track-usage.options.js';
import { RETENTION_OPTIONS } from '../../lib/retention/retention-options.js';
import { DELIVERY_OPTIONS } from '../../lib/storages/contract/delivery-options.js';
import type { OptionEntry } from '../../lib/support/option-checks.js';

type Table = Readonly<Record<string, OptionEntry>>;

/** How a docstring names the unit of a number. */
const UNIT_WORDS: Readonly<Record<string, RegExp>> = {
  ms: /milliseconds/i,
  seconds: /\bseconds/i,
  bytes: /\bbytes/i,
  records: /\brecords/i,
  keys: /\bkeys/i,
  calls: /\bcalls/i,
  addresses: /\baddresses/i,
};

const sources: readonly [file: string, table: Table][] = [
  ['capture/capture-options.ts', CAPTURE_OPTIONS],
  ['enrichment/enrichment-options.ts', ENRICHMENT_OPTIONS],
  ['enrichment/geo-ip/geo-ip-options.ts', GEO_IP_OPTIONS],
  ['enrichment/visitors/cookie-options.ts', COOKIE_OPTIONS],
  ['retention/retention-options.ts', RETENTION_OPTIONS],
  ['storages/contract/delivery-options.ts', DELIVERY_OPTIONS],
  ['delivery/journal/journal-options.ts', JOURNAL_OPTIONS],
  ['module/track-usage.options.ts', TRACK_USAGE_OPTIONS],
];

describe.each(sources)('the docstrings of %s', (file, table) => {
  it.each(documentedOptions(file, table))('say the default and the unit of %s', (_, doc, entry) => {
    expect(doc.default).toBe(shownDefault(entry));
    if (entry.unit) expect(doc.text).toMatch(UNIT_WORDS[entry.unit]!);
  });
});

/** As docs write it. */
function shownDefault({ default: value, defaultText }: OptionEntry): string {
  if (defaultText !== undefined) return defaultText;
  if (typeof value === 'string') return `'${value}'`;
  if (value !== undefined) return JSON.stringify(value);
  return 'none';
}

interface Doc {
  readonly text: string;
  readonly default: string | undefined;
}

/** The options of a table whose docstrings stand in a file, those of objects within them too. */
function documentedOptions(file: string, table: Table): [name: string, doc: Doc, OptionEntry][] {
  const path = fileURLToPath(new URL(`../../lib/${file}`, import.meta.url));
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: [string, Doc, OptionEntry][] = [];
  const visit = (node: ts.Node, entries: Table): void => {
    const entry = ts.isPropertySignature(node) ? entries[node.name.getText()] : undefined;
    const doc = entry && docOf(node);
    if (doc && (entry.options === undefined || doc.default !== undefined))
      found.push([(node as ts.PropertySignature).name.getText(), doc, entry]);
    ts.forEachChild(node, (child) => visit(child, entry?.options ?? entries));
  };
  visit(source, table);
  return found;
}

function docOf(node: ts.Node): Doc | undefined {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  // What must be given has no default.
  if (comment === undefined || !(node as ts.PropertySignature).questionToken) return undefined;
  const tag = comment.tags?.find(({ tagName }) => tagName.text === 'default');
  const text = ts.getTextOfJSDocComment(tag?.comment)?.replace(/\s+/g, ' ');
  return { text: comment.getText(), default: text?.replace(/(?<=\d)_(?=\d)/g, '') };
}
