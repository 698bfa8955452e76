// The declarations as the compiler sees them in a fresh application, libraries checked too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, nest } from './application.mjs';
import { installed, manifest, optionalPeers, root } from './surroundings.mjs';

const RESOLUTIONS = [
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'esnext' },
];
// Where declarations of others lead nowhere under it, as applications made before NestJS 12 know.
const BEFORE_EXPORTS = { moduleResolution: 'node10', module: 'commonjs', skipLibCheck: true };

export function checkTypes({ tarball, scratch }) {
  const tools = { '@types/node': installed('@types/node') };
  const peers = Object.fromEntries(optionalPeers.map((name) => [name, installed(name)]));
  const every = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
  const cases = [
    { name: 'types-11', packages: { ...nest(11), ...tools }, entries: ['.', './testing'] },
    { name: 'types-12', packages: { ...nest(12), ...tools }, entries: ['.', './testing'] },
    { name: 'types-all', packages: { ...nest(12), ...tools, ...peers }, entries: every },
  ];
  const last = cases.at(-1).name;
  const others = new Set();
  for (const { name, packages, entries } of cases) {
    const folder = join(scratch, name);
    install(folder, tarball, packages, { type: 'module' });
    writeFileSync(join(folder, 'main.ts'), everything(entries));
    for (const resolution of RESOLUTIONS) {
      const errors = compile(folder, resolution);
      // What other packages' declarations lack when their own peers are missing is not ours.
      const foreign = (line) =>
        /^node_modules\//.test(line) && !line.startsWith(`node_modules/${manifest.name}/`);
      assert.deepEqual(
        errors.filter((line) => !foreign(line)),
        [],
        `${name}, ${resolution.module}`,
      );
      for (const line of errors) others.add(/^node_modules\/((@[^/]+\/)?[^/]+)/.exec(line)[1]);
    }
    if (name === last) assert.deepEqual(compile(folder, BEFORE_EXPORTS), [], 'commonjs, node10');
  }
  const told = others.size ? `; errors of their own in ${[...others].join(', ')}` : '';
  return `NestJS 11 and 12, nodenext and bundler, skipLibCheck: false; commonjs with node10${told}`;
}

/** A program that takes in all that the entries declare. */
function everything(entries) {
  return entries
    .map((entry, index) => {
      const name = `${manifest.name}${entry.slice(1)}`;
      return `import * as entry${index} from '${name}';\nexport { entry${index} };\n`;
    })
    .join('');
}

function compile(folder, resolution) {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    noEmit: true,
    ...resolution,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['main.ts'] }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((line) => /error TS/.test(line));
}
