// Makes the library and the samples ready to run in the checkout: what was changed since the last
// time, without types. `npm run build` makes of the library what is published.
//   node scripts/build/ready.mjs
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { builtBrowserFiles, browserModule } from './browser-files.mjs';
import { filesOf, modified, newest } from './files.mjs';
import { transpileChanged } from './transpiled.mjs';
import { builtWorkerScript, scriptModule } from './worker-script.mjs';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const BUNDLED = at('dist/bundled-licences.txt');

/** Builds what is not built, and says what that is. */
export function makeReady() {
  const start = performance.now();
  // What is published is in the place of what runs here.
  if (modified(BUNDLED) > 0) rmSync(at('dist'), { recursive: true });

  const modules = [browserModule, scriptModule];
  const texts = modules.map((module) => at(`dist/${module}.js`));
  const placeholders = modules.map((module) => at(`lib/${module}.ts`));
  const skip = [at('lib/dashboard/browser/'), ...placeholders, ...texts];
  const library = transpileChanged(at('lib'), at('dist'), skip);
  const sources = [...filesOf(at('lib')), ...filesOf(at('scripts/build'))];
  const isNew = texts.some((text) => modified(text) <= newest(sources));
  if (isNew) {
    writeFileSync(texts[0], builtBrowserFiles().code);
    writeFileSync(texts[1], builtWorkerScript(at('dist'), 'js').code);
  }
  const samples = transpileChanged(at('sample'), at('sample/dist'), [at('sample/dist/dist')]);
  if (library + samples === 0 && !isNew) return;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `Built ${library} files of the library and ${samples} of the samples in ${seconds} s.`,
  );
}

if (resolve(argv[1] ?? '') === fileURLToPath(import.meta.url)) makeReady();
