// What loading the library adds to the start of an application that has loaded NestJS. Processes
// with and without take turns; of each the fastest counts, for what else a machine does only adds.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, nest, run } from './application.mjs';

const PAIRS = 25;
const MOST = 40;

export function checkStartup({ tarball, scratch }) {
  const folder = join(scratch, 'startup');
  install(folder, tarball, nest(12, 'platform-express'));
  const load =
    "import 'reflect-metadata';import '@nestjs/common';import '@nestjs/core';import '@nestjs/platform-express';";
  writeFileSync(join(folder, 'without.mjs'), timed(load, ''));
  writeFileSync(join(folder, 'with.mjs'), timed(load, "await import('nestjs-track-usage');"));
  const time = (file) => Number(run(folder, process.execPath, [file]));
  const pairs = Array.from({ length: PAIRS }, () => [time('without.mjs'), time('with.mjs')]);
  const [without, added] = [0, 1].map((one) => Math.min(...pairs.map((pair) => pair[one])));
  const differences = pairs.map(([before, after]) => after - before).sort((a, b) => a - b);
  const median = differences[(PAIRS - 1) / 2];
  const told = `${ms(added - without)} over ${ms(without)} of NestJS alone, the median of pairs ${ms(median)}`;
  assert.ok(added - without < MOST, `loading takes ${told}; at most ${MOST} ms are allowed`);
  return told;
}

function ms(value) {
  return `${value.toFixed(1)} ms`;
}

/** A script that prints the milliseconds from the start of the process to the end of its imports. */
function timed(load, more) {
  return `${load}\n${more}\nconsole.log(performance.now());\n`;
}
