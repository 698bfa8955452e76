// The manual: `npm run docs` builds it with the reference, which is made of the docstrings;
// `npm run docs:dev` shows it while it is written. `npm run docs:check` only looks for public symbols
// without a docstring.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOwnPackages } from '../scripts/own-packages.mjs';
import { undocumented } from './documented.mjs';

const docs = fileURLToPath(new URL('.', import.meta.url));
const [command = 'build', ...options] = process.argv.slice(2);

installOwnPackages(docs);
const said = run('typedoc/bin/typedoc', ['--options', 'typedoc.json'], 'pipe');
const missing = undocumented(said);
if (missing.length > 0) {
  console.error(
    `Without a docstring: ${missing.join(', ')}. Say what each is, with units and default.`,
  );
  process.exit(1);
}
if (command !== 'check') run('vitepress/bin/vitepress.js', [command, '.', ...options], 'inherit');

function run(program, args, stdio) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(docs, 'node_modules', program), ...args],
    { cwd: docs, encoding: 'utf8', stdio, env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status === 0) return `${stdout}${stderr}`;
  console.error(stdout, stderr);
  process.exit(status ?? 1);
}
