// A test of the application that `nest new` of NestJS 11 makes, in the Jest that it comes with, as
// the README has it set up.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './application.mjs';
import { snippetsOf } from './readme.mjs';
import { fixtures } from './surroundings.mjs';

export function checkJest(folder) {
  const file = join(folder, 'package.json');
  const own = JSON.parse(readFileSync(file, 'utf8'));
  const snippets = snippetsOf('## Testing your own application');
  const { text } = snippets.find(({ name }) => name === 'package.json');
  const jest = { ...own.jest, ...JSON.parse(text).jest };
  writeFileSync(file, JSON.stringify({ ...own, jest }));
  cpSync(join(fixtures, 'usage.spec.ts.txt'), join(folder, 'src/usage.spec.ts'));
  run(folder, 'npm', ['test']);
}
