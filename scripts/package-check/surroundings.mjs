// What all checks know: the checkout, and what it has installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export const optionalPeers = Object.entries(manifest.peerDependenciesMeta)
  .filter(([, { optional }]) => optional)
  .map(([name]) => name);

/** The version of a package that the checkout has. */
export function installed(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}
