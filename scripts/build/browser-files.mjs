// Puts the script and the style of the dashboard, as texts, into `dist`: a step of `npm run build`.
// The specs, which run on the sources, get them of the sources (vitest.config.ts).
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'lib/dashboard/browser');

/** The module whose texts are replaced, without its ending. */
export const browserModule = 'dashboard/browser-files';

/** What that module is to hold, and the files that it is made of. */
export function builtBrowserFiles() {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [join(folder, 'script.ts'), join(folder, 'style.css')],
    outdir: 'browser',
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    metafile: true,
  });
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text;
  return {
    code:
      `export const script = ${JSON.stringify(textOf('.js'))};\n` +
      `export const style = ${JSON.stringify(textOf('.css'))};\n`,
    files: Object.keys(metafile.inputs).map((file) => join(root, file)),
  };
}

if (resolve(argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'dist', `${browserModule}.js`), builtBrowserFiles().code);
