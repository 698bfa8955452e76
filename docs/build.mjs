// The manual: `npm run docs` builds it with the reference, which is made of the docstrings;
// `npm run docs:dev` shows it while it is written.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOwnPackages } from '../scripts/own-packages.mjs';

const docs = fileURLToPath(new URL('.', import.meta.url));
const [command = 'build'] = process.argv.slice(2);

installOwnPackages(docs);
run('typedoc/bin/typedoc', ['--options', 'typedoc.json']);
run('vitepress/bin/vitepress.js', [command, '.']);

function run(program, args) {
  const file = join(docs, 'node_modules', program);
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: docs, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
