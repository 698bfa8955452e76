import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileTexts, completed, readPublicSymbols, type PublicSymbol } from './examples.js';

const TIMEOUT_MS = 180_000;
const WRONG = 'await usage.reprot();';

/** Others make these, or their example stands with what makes them. */
const WITHOUT_EXAMPLE = [
  'SummaryHook',
  'TrackUsageInterceptor',
  'UsageRecordEntity',
  'UsageSummaryEntity',
];

const { symbols, origins, program } = readPublicSymbols();
const examples = symbols.flatMap(({ name, examples }) =>
  examples.map((text, index) => ({ name: index ? `${name} (${index + 1})` : name, text })),
);

describe('The examples in docstrings', () => {
  let errors: string[][];

  beforeAll(async () => {
    const texts = [...examples.map(({ text }) => text), WRONG];
    errors = await compileTexts(
      texts.map((text) => completed(text, origins)),
      new URL('.snippets/examples/', import.meta.url),
      program,
    );
  }, TIMEOUT_MS);

  it.each(examples.map(({ name, text }, index) => ({ name, text, index })))(
    'compile: $name',
    ({ text, index }) => {
      expect(text.trim()).not.toBe('');
      expect(errors[index], completed(text, origins)).toEqual([]);
    },
  );

  it('are found if they do not compile', () => {
    expect(errors.at(-1)).toEqual([expect.stringContaining("'reprot'")]);
  });

  it('are not cut by a decorator that is taken for a tag', () => {
    const { blockTags, modifierTags } = JSON.parse(
      readFileSync(new URL('../../docs/typedoc.json', import.meta.url), 'utf8'),
    ) as Record<string, string[]>;
    const known = [...blockTags!, ...modifierTags!];
    const unknown = symbols.flatMap(({ name, tags }) =>
      tags.filter((tag) => !known.includes(`@${tag}`)).map((tag) => `${name}: @${tag}`),
    );
    expect(unknown).toEqual([]);
  });

  it('stand at every public function and class, and every method that reads', () => {
    const without = symbols.filter((symbol) => needsExample(symbol) && !symbol.examples.length);
    expect(without.map(({ name }) => name).sort()).toEqual(WITHOUT_EXAMPLE);
  });
});

describe('The docstrings of public symbols', () => {
  // Those of constructors say what is thrown. What is inherited may have none.
  it('have a sentence', () => {
    const bare = symbols.filter(({ node, text, tags }) => {
      return text === '' && !ts.isConstructorDeclaration(node) && !tags.includes('internal');
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

function needsExample({ name, node }: PublicSymbol): boolean {
  if (ts.isMethodDeclaration(node)) {
    const isPublic = !(
      ts.getCombinedModifierFlags(node) & ts.ModifierFlags.NonPublicAccessibilityModifier
    );
    return isPublic && /^(UsageReader|UsageService)\./.test(name);
  }
  return ts.isFunctionDeclaration(node) || (ts.isClassDeclaration(node) && !/Error$/.test(name));
}
