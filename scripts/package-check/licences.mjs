// What comes with the library when it is installed, from the lock file: no copyleft.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest, root } from './surroundings.mjs';

const PERMISSIVE = new Set([
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
]);

export function checkLicences() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = new Map();
  const visit = (from, name) => {
    const place = resolve(lock.packages, from, name);
    assert.ok(place, `${name} is not in package-lock.json`);
    if (found.has(place)) return;
    const { version, dependencies = {} } = lock.packages[place];
    const own = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8'));
    assert.equal(own.version, version, `${place} is not the version that is locked`);
    found.set(place, own.license);
    for (const dependency of Object.keys(dependencies)) visit(place, dependency);
  };
  for (const name of Object.keys(manifest.dependencies)) visit('', name);
  for (const [place, license] of found)
    assert.ok(PERMISSIVE.has(license), `${place}: ${license} is not among the licences allowed`);
  return `${found.size} packages: ${[...new Set(found.values())].sort().join(', ')}`;
}

/** Where Node finds a package that another one asks for. */
function resolve(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const place = `${at}${at && '/'}node_modules/${name}`;
    if (place in packages) return place;
    if (at === '') return undefined;
  }
}
