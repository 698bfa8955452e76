// From an empty `nest new` application to the dashboard, by the README's first steps to the letter:
// its files, its commands, and nothing else, on NestJS 11 and 12, by npm and by pnpm.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { npm, run, useBinary } from './application.mjs';
import { checkBuilders } from './builders.mjs';
import { checkJest } from './jest.mjs';
import { firstSteps, snippetsOf } from './manual.mjs';
import { manifest } from './surroundings.mjs';

const PNPM = 'pnpm@10';

export async function checkFirstRecord(packed) {
  for (const manager of ['npm', 'pnpm'])
    for (const major of [11, 12]) await followed({ major, manager }, packed);
  return 'from `nest new` of NestJS 11 and 12 to the dashboard, by npm and pnpm; on 11 its tests in Jest, and built by swc, webpack and esbuild';
}

async function followed(reader, { tarball, scratch }) {
  const { major, manager } = reader;
  const name = `new-${major}-${manager}`;
  const create = ['-y', '-p', `@nestjs/cli@${major}`, 'nest', 'new', name];
  run(scratch, 'npx', [...create, '--skip-git', '--skip-install', '--package-manager', manager]);
  const folder = join(scratch, name);
  if (manager === 'npm') npm(folder, ['install', '--ignore-scripts', '--prefer-offline']);
  else pnpm(folder, ['install']);

  const asked = [];
  for (const { file, text, command } of firstSteps(reader)) {
    if (file !== undefined) writeFileSync(join(folder, file), text);
    else if (/^p?npm (install|add) /.test(command)) add(folder, command, tarball);
    else if (command.startsWith('curl ')) asked.push(command.split(' ').at(-1));
    else if (command !== 'npm run start' && !command.startsWith('sleep '))
      throw new Error(`no such step: ${command}`);
  }
  await shows(folder, asked);
  if (major !== 11 || manager !== 'npm') return;
  checkJest(folder, snippetsOf('docs/guide/testing.md', '## Jest'));
  await checkBuilders(folder);
}

/** Installs as the README says, with our tarball, and the checkout's binary of SQLite. */
function add(folder, command, tarball) {
  const [manager, ...args] = command.split(' ');
  const given = args.map((arg) => (arg === manifest.name ? tarball : arg));
  // The binary of better-sqlite3 is downloaded by its script. The checkout has it already.
  if (manager === 'npm') npm(folder, [...given, '--ignore-scripts', '--prefer-offline']);
  else pnpm(folder, [...given, '--ignore-scripts']);
  useBinary(folder);
}

function pnpm(folder, args) {
  run(folder, 'npx', ['-y', PNPM, ...args, '--prefer-offline', '--reporter=append-only']);
}

/** Starts the application, asks as the README does, and expects what it says. */
async function shows(folder, asked) {
  const port = await freePort();
  const child = spawn('npm', ['run', 'start'], {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  const started = new Promise((resolve, reject) => {
    const read = (chunk) => {
      printed += chunk;
      if (printed.includes('successfully started')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`the application ended: ${printed}`)));
  });
  try {
    await started;
    const [hello, records] = asked.map((url) => url.replace('localhost:3000', `localhost:${port}`));
    assert.equal(await soon(async () => (await fetch(hello)).text()), 'Hello World!');
    const found = await soon(async () => {
      const list = await (await fetch(records)).json();
      return list.find(({ route }) => route === '/');
    });
    assert.equal(found.handler, 'getHello');
    assert.equal(found.status, 200);
    const page = await fetch(new URL('/usage', hello));
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>/);
  } finally {
    child.removeAllListeners('exit');
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

/** What the question gives as soon as it gives something, within ten seconds. */
async function soon(ask) {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await ask().catch((error) => {
      if (Date.now() > end) throw error;
    });
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error('no answer within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
