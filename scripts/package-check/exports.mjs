// Types and exports as others' tools see them, and what the root entry asks for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { installOwnPackages } from '../own-packages.mjs';
import { manifest, optionalPeers, root } from './surroundings.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

export function checkExports({ tarball, folder }) {
  installOwnPackages(here);
  const bin = (name) => join(here, 'node_modules/.bin', name);
  const run = (name, args) =>
    execFileSync(bin(name), args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  // `require` of an ES module is meant, and run by another check; attw knows it as an error.
  report(() =>
    run('attw', [tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']),
  );
  report(() => run('publint', ['run', tarball, '--strict']));

  for (const entry of ['.', './testing'])
    for (const file of [manifest.exports[entry].types, manifest.exports[entry].default]) {
      const asked = [...packagesOf(join(folder, file))];
      const peers = asked.filter((name) => optionalPeers.includes(name));
      assert.deepEqual(peers, [], `${file} names optional peers`);
      const known = { ...manifest.dependencies, ...manifest.peerDependencies };
      const unknown = asked.filter((name) => !(name in known));
      assert.deepEqual(unknown, [], `${file} names packages that nothing brings`);
    }
  return 'attw and publint have nothing to say, the root entry and /testing name no optional peer';
}

/** The packages that a file names in static imports, itself or through files of its own. */
function packagesOf(entry) {
  const files = new Set([entry]);
  const packages = new Set();
  const ending = entry.endsWith('.d.ts') ? '.d.ts' : '.js';
  for (const file of files)
    for (const name of imported(file)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name.replace(/\.js$/, ending)));
      else if (!name.startsWith('node:') && !builtinModules.includes(name))
        packages.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
    }
  return packages;
}

function imported(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const names = source.statements.flatMap(({ moduleSpecifier }) => moduleSpecifier?.text ?? []);
  if (!file.endsWith('.d.ts')) return names;
  // `import('x').Y` in a declaration needs the package as much.
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(source.text);
  return [...names, ...[...importedFiles, ...typeReferenceDirectives].map((one) => one.fileName)];
}

function report(run) {
  try {
    run();
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`, { cause: error });
  }
}
