// Turns TypeScript into what Node runs, a file at a time and without looking at types: that takes a
// second or two where the compiler takes twenty. `npm run typecheck` looks at the types.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformSync as transformCommonJs } from 'esbuild';
import { transformSync } from 'rolldown/experimental';
import { filesOf, modified } from './files.mjs';

// What tsconfig.json says to the compiler.
const SETTINGS = {
  target: 'es2022',
  decorator: { legacy: true, emitDecoratorMetadata: true },
  jsx: { runtime: 'automatic', importSource: 'preact', development: false },
  typescript: { onlyRemoveTypeImports: true, removeClassFieldsWithoutInitializer: true },
  assumptions: { setPublicClassFields: true },
};
const ENDINGS = { '.ts': '.js', '.tsx': '.js', '.cts': '.cjs' };

/**
 * Turns the files of a folder that are new or changed. What has no source any more is taken away.
 *
 * @param skip Folders and files that are left alone, on both sides.
 * @returns how many were turned.
 * @throws {Error} that names the file that is no TypeScript.
 */
export function transpileChanged(from, to, skip = []) {
  const isOurs = (file) => !skip.some((each) => file.startsWith(each));
  const files = filesOf(from)
    .filter(isOurs)
    .flatMap((source) => {
      const [, name, ending] = /^(.*?)(?<!\.d)(\.c?tsx?)$/.exec(source) ?? [];
      return name === undefined
        ? []
        : [{ source, output: join(to, relative(from, name)) + ENDINGS[ending] }];
    });
  const wanted = new Set(files.map(({ output }) => output));
  for (const file of filesOf(to).filter(isOurs))
    if (/\.c?js$/.test(file) && !wanted.has(file)) rmSync(file);
  const changed = files.filter(({ source, output }) => modified(output) <= modified(source));
  for (const { source, output } of changed) {
    const text = readFileSync(source, 'utf8');
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, source.endsWith('.cts') ? commonJs(text) : esModule(source, text));
  }
  return changed.length;
}

function esModule(source, text) {
  const { code, errors } = transformSync(source, text, SETTINGS);
  if (errors.length > 0)
    throw new Error(`${source}: ${errors.map(({ message }) => message).join('; ')}`);
  return code;
}

function commonJs(text) {
  return transformCommonJs(text, { loader: 'ts', format: 'cjs', target: 'node20' }).code;
}
