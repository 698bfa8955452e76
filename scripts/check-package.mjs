// Packs the library, installs it into fresh applications and runs them: what users install is what
// is checked, not the checkout.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scripts = join(root, 'scripts/package-check');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const installed = (name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

const sqlite = { typeorm: installed('typeorm'), 'better-sqlite3': installed('better-sqlite3') };
const nest = (major, platform) =>
  Object.fromEntries(
    ['common', 'core', `platform-${platform}`].map((name) => [`@nestjs/${name}`, `^${major}.0.0`]),
  );

const applications = [
  {
    name: 'Nest 11, Express',
    packages: { ...nest(11, 'express'), ...sqlite },
    run: persists('express'),
  },
  {
    name: 'Nest 11, Fastify',
    packages: { ...nest(11, 'fastify'), ...sqlite },
    run: persists('fastify'),
  },
  {
    name: 'Nest 12, Express',
    packages: { ...nest(12, 'express'), ...sqlite },
    run: persists('express'),
  },
  {
    name: 'Nest 12, Fastify',
    packages: { ...nest(12, 'fastify'), ...sqlite },
    run: persists('fastify'),
  },
  {
    name: 'Nest 12, Express, TypeORM 0.3',
    packages: { ...nest(12, 'express'), ...sqlite, typeorm: '^0.3.20' },
    run: persists('express'),
  },
  { name: 'Nest 11, CommonJS, nothing optional', packages: nest(11, 'express'), run: requires },
  { name: 'Nest 12, CommonJS, nothing optional', packages: nest(12, 'express'), run: requires },
];

const scratch = mkdtempSync(join(tmpdir(), 'track-usage-package-'));
try {
  const tarball = pack();
  for (const [index, application] of applications.entries()) {
    const folder = join(scratch, `app-${index}`);
    install(folder, tarball, application.packages);
    application.run(folder);
    console.log(`ok: ${application.name}`);
  }
  console.log(`${applications.length} passed, 0 failed`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function pack() {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).replace(/^[^[]*(?=\[)/, ''),
  );
  const strangers = packed.files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path));
  assert.deepEqual(strangers, [], 'the tarball holds what it should not');
  assert.ok(packed.size < 300_000, `the tarball has ${packed.size} bytes`);
  return join(scratch, packed.filename);
}

function install(folder, tarball, packages) {
  mkdirSync(folder);
  const dependencies = {
    [manifest.name]: `file:${tarball}`,
    'reflect-metadata': '^0.2.0',
    rxjs: '^7.8.0',
    ...packages,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  // The checkout has built the same version already; building it once more shows nothing.
  const binary = 'node_modules/better-sqlite3/build';
  if (packages['better-sqlite3'])
    cpSync(join(root, binary), join(folder, binary), { recursive: true });
  cpSync(scripts, folder, { recursive: true });
}

/** Ten requests, then, in a process of its own, one more: all eleven are there. */
function persists(platform) {
  return (folder) => {
    for (const [requests, total] of [
      [10, 10],
      [1, 11],
    ]) {
      const result = runNode(folder, ['shop.mjs', platform, String(requests)]);
      assert.equal(result.records, total);
      assert.equal(result.hits, total);
      assert.equal(result.route, '/cats/:id');
      assert.deepEqual(result.latest, { id: String(requests - 1) });
    }
    assert.ok(existsSync(join(folder, 'track-usage.sqlite')));
  };
}

function requires(folder) {
  assert.deepEqual(runNode(folder, ['require.cjs']), { records: 1, route: '/cats' });
}

function runNode(folder, args) {
  const output = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1));
}
