// A fresh application: a folder of its own with the tarball and the packages that it asks for.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures, installed, manifest, root } from './surroundings.mjs';

export const sqlite = {
  typeorm: installed('typeorm'),
  'better-sqlite3': installed('better-sqlite3'),
};

export function nest(major, ...names) {
  return Object.fromEntries(
    ['common', 'core', ...names].map((name) => [`@nestjs/${name}`, `^${major}.0.0`]),
  );
}

/** Installs, and puts the fixtures beside; `packages` may hold a range for each name. */
export function install(folder, tarball, packages, own = {}) {
  mkdirSync(folder, { recursive: true });
  const dependencies = {
    [manifest.name]: `file:${tarball}`,
    'reflect-metadata': '^0.2.0',
    rxjs: '^7.8.0',
    ...packages,
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, ...own, dependencies }),
  );
  npm(folder, ['install', '--ignore-scripts', '--prefer-offline']);
  useBinary(folder);
  cpSync(fixtures, folder, { recursive: true });
}

/** The checkout has built the same version already; building it once more shows nothing. */
export function useBinary(folder) {
  const name = 'node_modules/better-sqlite3';
  if (existsSync(join(folder, name)))
    cpSync(join(root, name, 'build'), join(folder, name, 'build'), { recursive: true });
}

export function npm(folder, args) {
  run(folder, 'npm', [...args, '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Runs a command, and gives what it printed; what went wrong is told in whole. */
export function run(cwd, command, args, env = {}) {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
  } catch (error) {
    const told = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    throw new Error(`${command} ${args.join(' ')}\n${told}`, { cause: error });
  }
}

/** Runs a script that prints one line of JSON last. */
export function runNode(cwd, args, node = process.execPath, env = {}) {
  const output = run(cwd, node, args, env);
  return JSON.parse(output.trim().split('\n').at(-1));
}
