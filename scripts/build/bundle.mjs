// Makes of `dist`, as the compiler left it, what is published: a few modules for each entry instead
// of hundreds, which load faster and pack smaller, and the declarations that the entries lead to.
// Names of functions and classes stay, and lines are short, so that stack traces can be read;
// comments stay in the declarations.
//   node scripts/build/bundle.mjs
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundledLicences } from './bundled-licences.mjs';
import { bundledPackages } from './bundled-packages.mjs';
import { keepDeclarations } from './declarations.mjs';
import { publishedCode } from './published-code.mjs';
import { wholeRoot } from './whole-root.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const compiled = join(root, 'dist.compiled');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const entries = Object.values(manifest.exports)
  .map((target) => target.default)
  .filter((path) => path?.endsWith('.js'))
  .map((path) => relative('dist', path).replace(/\.js$/, ''));

const programs = Object.values(manifest.bin).map((path) =>
  relative('dist', path).replace(/\.js$/, ''),
);

// The command line, and the contract that others test their storages by, start without the root.
const COMMANDS = 'command';
const OWN_START = 'testing';

rmSync(compiled, { recursive: true, force: true });
renameSync(dist, compiled);
try {
  const { metafile } = await build({
    absWorkingDir: compiled,
    entryPoints: [...entries, ...programs].map((entry) => ({ in: `${entry}.js`, out: entry })),
    outdir: dist,
    bundle: true,
    // The manifest says so of all modules, that of the root as well.
    logOverride: { 'ignored-bare-import': 'silent' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    metafile: true,
    ...publishedCode,
    packages: 'bundle',
    external: ['*.cjs'],
    plugins: [
      bundledPackages,
      wholeRoot(
        compiled,
        entries.filter((entry) => !entry.startsWith(OWN_START)),
        COMMANDS,
      ),
    ],
  });
  keepCommonJs(metafile);
  writeFileSync(join(dist, 'bundled-licences.txt'), bundledLicences(metafile, compiled));
  keepDeclarations(compiled, dist, entries);
} finally {
  rmSync(compiled, { recursive: true, force: true });
}

/** Puts each CommonJS module, which stays a file of its own, beside the bundle that imports it. */
function keepCommonJs({ inputs, outputs }) {
  for (const [output, bundle] of Object.entries(outputs))
    for (const input of Object.keys(bundle.inputs))
      for (const { path, external } of inputs[input].imports)
        if (external && path.endsWith('.cjs'))
          cpSync(join(compiled, dirname(input), path), join(compiled, dirname(output), path));
}
