// An application of NestJS 11 as the tools that people build with make it: SWC, webpack, and esbuild
// into one file, with the embedded SQLite and with PostgreSQL.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { npm, run, runNode, useBinary } from './application.mjs';
import { fixtures } from './surroundings.mjs';

const SWC = ['@swc/cli@^0.7.0', '@swc/core@^1.0.0'];
const SERVER = ['typeorm@^1.0.0', 'pg@^8.0.0'];
// What is not installed, and what has a binary.
const EXTERNAL = [
  'better-sqlite3',
  '@nestjs/microservices*',
  '@nestjs/websockets*',
  'class-transformer*',
  'class-validator',
];
const IN_ES_MODULE = {
  js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
};

/** @param folder An application of `nest new`, with the library and SQLite installed. */
export async function checkBuilders(folder) {
  const add = ['install', '--ignore-scripts', '--prefer-offline', '-D'];
  npm(folder, [...add, ...SWC]);
  useBinary(folder);
  const database = process.env.TRACK_USAGE_TEST_POSTGRES_URL;
  if (!database && process.env.CI === 'true') throw new Error('set TRACK_USAGE_TEST_POSTGRES_URL');
  const nest = (...args) => run(folder, 'npx', ['nest', 'build', ...args]);

  cpSync(join(fixtures, 'built.ts.txt'), join(folder, 'src/main.ts'));
  cpSync(join(fixtures, 'built-sqlite.ts.txt'), join(folder, 'src/storages.ts'));
  nest('-b', 'swc');
  works(folder, 'dist/main.js');
  nest('--webpack');
  works(folder, 'dist/main.js');
  await bundles(folder, 'sqlite', {});

  if (!database) return;
  npm(folder, [...add, ...SERVER]);
  useBinary(folder);
  await bundles(folder, 'postgres', { DATABASE_URL: database });
}

/** One file, in CommonJS and as an ES module, which is all that is there beside the driver. */
async function bundles(folder, storage, env) {
  cpSync(join(fixtures, `built-${storage}.ts.txt`), join(folder, 'src/storages.ts'));
  run(folder, 'npx', ['nest', 'build']);
  for (const format of ['cjs', 'esm']) {
    const alone = join(folder, `../alone-${storage}-${format}`);
    mkdirSync(join(alone, 'node_modules'), { recursive: true });
    const file = format === 'cjs' ? 'main.cjs' : 'main.mjs';
    await build({
      entryPoints: [join(folder, 'dist/main.js')],
      outfile: join(alone, file),
      bundle: true,
      platform: 'node',
      format,
      external: EXTERNAL,
      banner: format === 'esm' ? IN_ES_MODULE : {},
      logLevel: 'error',
    });
    writeFileSync(join(alone, 'package.json'), '{}');
    if (storage === 'sqlite')
      for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path'])
        cpSync(join(folder, 'node_modules', name), join(alone, 'node_modules', name), {
          recursive: true,
        });
    works(alone, file, env);
  }
}

function works(folder, file, env) {
  const result = runNode(folder, [file], process.execPath, { PORT: '0', ...env });
  assert.deepEqual(result, { route: '/', handler: 'getHello', hits: 1, warnings: [] }, file);
}
