// Makes bench/ ready to run (its packages, the link to the library, its own build) and runs it.
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installOwnPackages } from '../scripts/own-packages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: here, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

installOwnPackages(here);
// The peers find the same copy of Nest as the library: the root's.
if (!existsSync(at('node_modules/nestjs-track-usage')))
  symlinkSync('../..', at('node_modules/nestjs-track-usage'), 'junction');
run(process.execPath, [at('../node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
run(process.execPath, ['dist/main.js', ...process.argv.slice(2)]);
