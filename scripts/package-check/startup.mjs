// What loading the library adds to the start of an application that has loaded NestJS: which files,
// and how much code. That is what a change of ours can make worse, and it is the same on every
// machine; the time it takes is told, for a limit in milliseconds would judge the machine.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, nest, run } from './application.mjs';
import { manifest } from './surroundings.mjs';

// Of 12 files and 481 kB, five of them of packages. With 12 and 328 kB it took 30 ms where NestJS alone
// took 314. `scripts/build/whole-root.mjs` keeps further entries from cutting them into smaller files.
const MOST_FILES = 16;
const MOST_KB = 490;
const TIMES = 9;

export function checkStartup({ tarball, scratch }) {
  const folder = join(scratch, 'startup');
  install(folder, tarball, nest(12, 'platform-express'));
  const load =
    "import 'reflect-metadata';import '@nestjs/common';import '@nestjs/core';import '@nestjs/platform-express';";
  const own = `await import('${manifest.name}');`;
  writeFileSync(join(folder, 'without.mjs'), load);
  writeFileSync(join(folder, 'with.mjs'), timed(load, own));

  const known = new Set(filesOf(folder, 'without.mjs'));
  const files = filesOf(folder, 'with.mjs').filter((file) => !known.has(file));
  const kilobytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1000;
  const told = `${files.length} files, ${kilobytes.toFixed(0)} kB`;
  const list = files.join('\n');
  assert.ok(
    files.some((file) => file.includes(`/${manifest.name}/`)),
    `nothing of the library was loaded\n${list}`,
  );
  assert.ok(files.length <= MOST_FILES, `${told}; at most ${MOST_FILES} files\n${list}`);
  assert.ok(kilobytes <= MOST_KB, `${told}; at most ${MOST_KB} kB\n${list}`);
  const brought = [manifest.name, ...Object.keys(manifest.dependencies)];
  const others = files.filter((file) => !brought.includes(packageOf(file)));
  assert.deepEqual(others, [], 'loads more of NestJS, or of a package that is not its own');

  const times = Array.from({ length: TIMES }, () =>
    JSON.parse(run(folder, process.execPath, ['with.mjs'])),
  );
  const median = (of) => times.map(of).sort((a, b) => a - b)[TIMES >> 1];
  const ms = (of) => `${median(of).toFixed(0)} ms`;
  return `${told}, here ${ms(({ own }) => own)} after ${ms(({ before }) => before)} of NestJS`;
}

/** A script that prints the milliseconds of what it loads, and of all that was before. */
function timed(load, own) {
  return (
    `${load}\nconst before = performance.now();\n${own}\n` +
    'console.log(JSON.stringify({ before, own: performance.now() - before }));\n'
  );
}

/** The files that a script loads, itself left out. */
function filesOf(folder, script) {
  const coverage = mkdtempSync(join(folder, 'loaded-'));
  run(folder, process.execPath, [script], { NODE_V8_COVERAGE: coverage });
  return readdirSync(coverage)
    .flatMap((file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result)
    .filter(({ url }) => url.startsWith('file:') && !url.endsWith(script))
    .map(({ url }) => fileURLToPath(url));
}

function packageOf(file) {
  const [first, second] = file.split('/node_modules/').at(-1).split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
