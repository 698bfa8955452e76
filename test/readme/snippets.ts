import { readdirSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('../../', import.meta.url);
const newApplication = new URL('new-application/', import.meta.url);

/** A fenced block: its page, its language, and the file that it is. */
export interface Snippet {
  /** Path from the root of the repository: `README.md`, `docs/guide/record.md`. */
  readonly page: string;
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

/** README.md and every page of the manual that is written by hand, by their paths from the root. */
export function pages(): readonly string[] {
  const manual = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter(
      (path) => path.endsWith('.md') && !/^docs\/(\.vitepress|reference|node_modules)\//.test(path),
    );
  return ['README.md', ...manual.sort()];
}

export const textOf = (page: string): Promise<string> => readFile(new URL(page, root), 'utf8');

/**
 * Every fenced block of these pages that names a language. Its file is named behind the language, or
 * in its first line (`// src/main.ts`).
 */
export async function readSnippets(of: readonly string[] = pages()): Promise<Snippet[]> {
  const read = of.map(async (page) => {
    const fences = (await textOf(page)).matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
    return [...fences].map(([, language = '', name = '', text = '']) => {
      const [, named = ''] = text.match(/^\/\/ (\S+\.\w+)\n/) ?? [];
      return { page, language, name: name || named, text };
    });
  });
  return (await Promise.all(read)).flat();
}

/**
 * Writes the TypeScript snippets into one folder, as a reader would, beside what `nest new` has
 * made, and returns their paths.
 */
export async function writeSnippets(snippets: readonly Snippet[], folder: URL): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(newApplication, folder, { recursive: true });
  return Promise.all(
    snippets.map(async ({ name, text }) => {
      const file = new URL(name, folder);
      await writeFile(file, text);
      return fileURLToPath(file);
    }),
  );
}

/** What the compiler says of files under the settings of the tests. */
export function compilerErrors(files: readonly string[]): string[] {
  const program = ts.createProgram(files, { ...testOptions(), noEmit: true });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) =>
      [file?.fileName, ts.flattenDiagnosticMessageText(messageText, '\n')].join(': '),
    );
}

/** The compiler's settings of the tests. */
export function testOptions(): ts.CompilerOptions {
  const config = fileURLToPath(new URL('test/tsconfig.json', root));
  return ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    fileURLToPath(new URL('test/', root)),
  ).options;
}
