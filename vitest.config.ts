import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { defineConfig, type Plugin } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };
import { builtBrowserFiles, browserModule } from './scripts/build/browser-files.mjs';
import { LONG_SPECS } from './test/long-specs.mjs';
import { builtWorkerScript, scriptModule } from './scripts/build/worker-script.mjs';

const lib = (file: string) => fileURLToPath(new URL(`./lib/${file}`, import.meta.url));

/** The package's entries, each by the source that it is built from. */
const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([name, target]) => ({
    find: new RegExp(`^nestjs-track-usage${name.slice(1)}$`),
    replacement: lib(
      (target as { default: string }).default.slice('./dist/'.length, -'.js'.length) + '.ts',
    ),
  }));

const inCI = process.env.CI === 'true';

// Those that replace modules, or need a process that nothing else has run in. In CI, all that talk
// to servers or take long, too: there, what they cost is not the loading.
const ALONE = [
  'test/capture/request-ids.spec.ts',
  'test/storages/sql/garbage.spec.ts',
  'test/storages/sqlite-storage.spec.ts',
  ...(inCI ? [...LONG_SPECS, 'test/{faults,storages,upgrade}/**/*.spec.ts'] : []),
];

const excluded = ['**/node_modules/**', ...(inCI ? [] : LONG_SPECS)];

/** Puts what the build makes in the place of a module. */
const builtText = (
  name: string,
  module: string,
  build: () => { code: string; files: string[] },
): Plugin => ({
  name,
  enforce: 'pre',
  load(id) {
    if (id !== lib(`${module}.ts`)) return null;
    const { code, files } = build();
    for (const file of files) this.addWatchFile(file);
    return code;
  },
});

// The thread that works on SQLite, and what the dashboard sends to browsers, are those of the
// sources too.
const builtTexts = [
  builtText('worker-script', scriptModule, () => builtWorkerScript(lib(''), 'ts')),
  builtText('browser-files', browserModule, () => builtBrowserFiles()),
];

// Vite takes every module for an ES module.
const commonJs: Plugin = {
  name: 'common-js',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith('.cts')) return null;
    const { code } = transformSync(readFileSync(id, 'utf8'), { loader: 'ts', format: 'cjs' });
    return (
      `import { createRequire } from 'node:module';\n` +
      `const require = createRequire(${JSON.stringify(id)});\n` +
      `const module = { exports: {} };\n${code}\nexport default module.exports;\n`
    );
  },
};

export default defineConfig({
  plugins: [...builtTexts, commonJs],
  // Specs import the package by its public names, as users do, and run on the sources.
  resolve: {
    alias: entries,
  },
  test: {
    // Most share what a process has loaded: loading NestJS, the adapters and the drivers anew for
    // each file takes longer than what many of them do.
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.spec.ts', 'sample/15-vitest/*.spec.ts'],
          exclude: [...excluded, ...ALONE],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, exclude: excluded } },
    ],
    globals: false,
    pool: 'forks',
    // All cores: vitest would leave one idle, which is half of a small machine.
    maxWorkers: process.env.VITEST_MAX_WORKERS || '100%',
    // Real servers are up in CI, and share the machine with what asks them.
    testTimeout: inCI ? 120_000 : 30_000,
    hookTimeout: inCI ? 120_000 : 30_000,
  },
});
