// Packs the library from a copy, so that what is published is built as it will be, and the checkout
// stays as it is.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './surroundings.mjs';

const SOURCES = [
  'lib',
  'scripts/build',
  'package.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

/** Packs into a folder; resolves to the tarball's path, sizes and files, and the unpacked folder. */
export function pack(scratch) {
  const copy = join(scratch, 'checkout');
  mkdirSync(copy);
  for (const path of SOURCES) cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], {
    cwd: copy,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [packed] = JSON.parse(output.slice(output.search(/^\[/m)));
  return {
    tarball: join(scratch, packed.filename),
    folder: copy,
    size: packed.size,
    unpackedSize: packed.unpackedSize,
    files: packed.files.map(({ path }) => path),
  };
}
