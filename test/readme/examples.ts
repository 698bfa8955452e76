import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { testOptions } from './snippets.js';

const root = new URL('../../', import.meta.url);
const around = fileURLToPath(new URL('around-examples.ts', import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  ...testOptions(),
  noEmit: true,
  // An example may name what it does not use, and imports types as values.
  noUnusedLocals: false,
  verbatimModuleSyntax: false,
};

/** A public symbol, or a member of one. */
export interface PublicSymbol {
  /** `sumBy`, `UsageService.flush`. */
  readonly name: string;
  readonly node: ts.Node;
  /** The code of each `@example`. */
  readonly examples: readonly string[];
  /** Names of all tags of its docstring. */
  readonly tags: readonly string[];
  /** The docstring without its tags; undefined where there is none. */
  readonly text: string | undefined;
}

/** What the entries of the package export, with their members, and where a name is imported from. */
export interface PublicSymbols {
  readonly symbols: readonly PublicSymbol[];
  readonly origins: ReadonlyMap<string, string>;
  /** What was parsed for it, which the next program need not parse again. */
  readonly program: ts.Program;
}

export function readPublicSymbols(): PublicSymbols {
  const entries = packageEntries();
  const program = ts.createProgram([...entries.keys(), around], OPTIONS);
  const checker = program.getTypeChecker();
  const origins = new Map<string, string>();
  const found = new Map<ts.Node, PublicSymbol>();
  const exportsOf = (file: string) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);

  for (const each of exportsOf(around)) origins.set(each.name, '../../around-examples.js');
  for (const [file, specifier] of [...entries].reverse())
    for (const exported of exportsOf(file)) {
      origins.set(exported.name, specifier);
      const isAlias = exported.flags & ts.SymbolFlags.Alias;
      const { declarations = [] } = isAlias ? checker.getAliasedSymbol(exported) : exported;
      for (const node of declarations) visit(node, exported.name);
    }
  return { symbols: [...found.values()], origins, program };

  function visit(node: ts.Node, name: string): void {
    const tags = ts.getJSDocTags(node);
    const examples = tags
      .filter(({ tagName }) => tagName.text === 'example')
      .map(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? '').replaceAll('\\@', '@'));
    const named = tags.map(({ tagName }) => tagName.text);
    const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
    const text = comment && (ts.getTextOfJSDocComment(comment.comment) ?? '');
    found.set(node, { name, node, examples, tags: named, text });
    if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
      for (const member of node.members) visit(member, `${name}.${member.name?.getText()}`);
  }
}

/** The sources of the package's entries, and how they are imported. */
function packageEntries(): Map<string, string> {
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    name: string;
    exports: Record<string, { types?: string }>;
  };
  const entries = Object.entries(manifest.exports).flatMap(([path, { types }]) => {
    const source = types?.replace('./dist/', 'lib/').replace('.d.ts', '.ts');
    if (source === undefined) return [];
    return [[fileURLToPath(new URL(source, root)), `${manifest.name}${path.slice(1)}`] as const];
  });
  return new Map(entries);
}

/** The example as a module: with the imports that it needs, members of a class in a class. */
export function completed(example: string, origins: ReadonlyMap<string, string>): string {
  const isWhole = syntaxErrors(example) === 0;
  const code = isWhole
    ? example
    : `export class Example {\n  declare readonly usage: UsageService;\n\n${example}\n}`;
  const { used, declared } = namesIn(code);
  const imports = [...used]
    .filter((name) => origins.has(name) && !declared.has(name))
    .map((name) => `import { ${name} } from '${origins.get(name)}';\n`);
  return `${imports.join('')}\n${code}\nexport {};\n`;
}

function syntaxErrors(code: string): number {
  const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true });
  return diagnostics.length;
}

function namesIn(code: string): { used: Set<string>; declared: Set<string> } {
  const [used, declared] = [new Set<string>(), new Set<string>()];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text);
    const name = (node as ts.NamedDeclaration).name;
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isParameter(node) ||
      ts.isClassDeclaration(node);
    if (declares && name && ts.isIdentifier(name)) declared.add(name.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true));
  return { used, declared };
}

/** Writes each text into a file of its own, and returns what the compiler says of each. */
export async function compileTexts(
  texts: readonly string[],
  folder: URL,
  before: ts.Program,
): Promise<string[][]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = texts.map((_, index) => fileURLToPath(new URL(`${index}.ts`, folder)));
  await Promise.all(files.map((file, index) => writeFile(file, texts[index]!)));
  const program = ts.createProgram(files, OPTIONS, undefined, before);
  return files.map((file) => {
    const source = program.getSourceFile(file);
    return ts
      .getPreEmitDiagnostics(program, source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  });
}
