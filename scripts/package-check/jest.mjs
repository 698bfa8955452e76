// The application that `nest new` of NestJS 11 makes, in the Jest that it comes with: its own tests
// and the sample with the library, as the manual has Jest set up.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './application.mjs';
import { root } from './surroundings.mjs';

/** @param steps The snippets of the manual's section on Jest. */
export function checkJest(folder, steps) {
  for (const { language, name, text } of steps) {
    if (language !== 'json') continue;
    const file = join(folder, name);
    writeFileSync(
      file,
      JSON.stringify(merged(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text))),
    );
  }
  cpSync(join(root, 'sample/14-jest'), join(folder, 'src/cats'), { recursive: true });
  run(folder, 'npm', ['run', 'test']);
  run(folder, 'npm', ['run', 'test:e2e']);
}

function merged(own, added) {
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(added).map(([name, value]) => [
    name,
    isObject(value) && isObject(own[name]) ? merged(own[name], value) : value,
  ]);
  return { ...own, ...Object.fromEntries(entries) };
}
