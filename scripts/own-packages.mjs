// Some folders have packages of their own, which few people need: `npm ci` in the root leaves them
// out, and what needs them installs them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { modified } from './build/files.mjs';

/**
 * Installs the packages of a folder, unless that has been done since its lock file changed.
 * Peers are the root's, as `.npmrc` says there: NestJS must be the same copy as that of the library.
 *
 * @throws {Error} with what npm said, if it could not.
 */
export function installOwnPackages(folder) {
  const done = join(folder, 'node_modules/.package-lock.json');
  if (modified(done) >= modified(join(folder, 'package-lock.json'))) return;
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`npm ci in ${folder} ended with ${status}:\n${stdout}${stderr}`);
}
