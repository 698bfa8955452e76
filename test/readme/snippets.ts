import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('../../', import.meta.url);
const newApplication = new URL('new-application/', import.meta.url);

/** A fenced block of the README: its language, and the file name behind it. */
export interface Snippet {
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

/** Every fenced block of the README that names a language. */
export async function readSnippets(): Promise<Snippet[]> {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const fences = readme.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return [...fences].map(([, language = '', name = '', text = '']) => ({ language, name, text }));
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
  const config = fileURLToPath(new URL('test/tsconfig.json', root));
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    fileURLToPath(new URL('test/', root)),
  );
  const program = ts.createProgram(files, { ...options, noEmit: true });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) =>
      [file?.fileName, ts.flattenDiagnosticMessageText(messageText, '\n')].join(': '),
    );
}
