// Puts the script of the thread that works on SQLite, as one text, into `dist`: a step of
// `npm run build`. The specs, which run on the sources, get it of the sources (vitest.config.ts).
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { publishedCode } from './published-code.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = 'storages/sql/threads';

/** The module whose text is replaced, without its ending. */
export const scriptModule = `${folder}/worker-script`;

/**
 * What that module is to hold, and the files that it is made of.
 *
 * @param sources The folder `lib`, or what the compiler has made of it.
 */
export function builtWorkerScript(sources, ending) {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [join(sources, folder, `sqlite.worker.${ending}`)],
    bundle: true,
    format: 'cjs',
    ...publishedCode,
    write: false,
    metafile: true,
  });
  return {
    code: `export const workerScript = ${JSON.stringify(outputFiles[0].text)};\n`,
    files: Object.keys(metafile.inputs).map((file) => join(root, file)),
  };
}

if (resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const dist = join(root, 'dist');
  writeFileSync(join(dist, `${scriptModule}.js`), builtWorkerScript(dist, 'js').code);
}
