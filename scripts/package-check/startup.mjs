// What loading the library adds to the start of an application that has loaded NestJS. Processes
// with and without take turns; of each the fastest counts, for what else a machine does only adds.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, nest, run } from './application.mjs';

const PAIRS = 60;
const MOST = 40;

export function checkStartup({ tarball, scratch }) {
  const folder = join(scratch, 'startup');
  install(folder, tarball, nest(12, 'platform-express'));
  const load =
    "import 'reflect-metadata';import '@nestjs/common';import '@nestjs/core';import '@nestjs/platform-express';";
  writeFileSync(join(folder, 'without.mjs'), timed(load, ''));
  writeFileSync(join(folder, 'with.mjs'), timed(load, "await import('nestjs-track-usage');"));
  const time = (file) => Number(run(folder, process.execPath, [file]));
  const best = { 'without.mjs': Infinity, 'with.mjs': Infinity };
  const added = () => best['with.mjs'] - best['without.mjs'];
  let pairs = 0;
  while (pairs < 10 || (pairs < PAIRS && added() >= MOST)) {
    for (const file of Object.keys(best)) best[file] = Math.min(best[file], time(file));
    pairs++;
  }
  const told = `${ms(added())} over ${ms(best['without.mjs'])} of NestJS alone, the best of ${pairs}`;
  assert.ok(added() < MOST, `loading takes ${told}; at most ${MOST} ms are allowed`);
  return told;
}

function ms(value) {
  return `${value.toFixed(1)} ms`;
}

/** A script that prints the milliseconds from the start of the process to the end of its imports. */
function timed(load, more) {
  return `${load}\n${more}\nconsole.log(performance.now());\n`;
}
