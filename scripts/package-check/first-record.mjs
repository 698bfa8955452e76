// From an empty `nest new` application to the first record, by the README's first section to the
// letter: its files, its commands, and nothing else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { npm, run, useBinary } from './application.mjs';
import { checkBuilders } from './builders.mjs';
import { checkJest } from './jest.mjs';
import { snippetsOf } from './manual.mjs';
import { manifest } from './surroundings.mjs';

export async function checkFirstRecord(packed) {
  const steps = snippetsOf('README.md', '## Five minutes');
  for (const major of [11, 12]) await followed(steps, major, packed);
  return 'from `nest new` of NestJS 11 and 12 to a record, on Express, then on Fastify; on 11 its tests in Jest, and built by swc, webpack and esbuild';
}

async function followed(steps, major, { tarball, scratch }) {
  const create = ['-y', '-p', `@nestjs/cli@${major}`, 'nest', 'new', `new-${major}`];
  run(scratch, 'npx', [...create, '--skip-git', '--skip-install', '--package-manager', 'npm']);
  const folder = join(scratch, `new-${major}`);
  npm(folder, ['install', '--ignore-scripts', '--prefer-offline']);

  const asked = [];
  for (const { language, name, text } of steps) {
    if (language === 'ts') writeFileSync(join(folder, name), text);
    else if (language === 'sh')
      for (const command of text.trim().split('\n')) {
        if (command.startsWith('npm install ')) {
          const packages = command.split(' ').slice(2).map(given(major, tarball));
          npm(folder, ['install', '--ignore-scripts', '--prefer-offline', ...packages]);
          useBinary(folder);
        } else if (command.startsWith('curl ')) asked.push(command.split(' ').at(-1));
        else if (command === 'npm run start') continue;
        else throw new Error(`no such step: ${command}`);
      }
    // What asks has all that it needs before it: the application as it is by then.
    if (/^curl /m.test(text)) await records(folder, asked);
  }
  await records(folder, asked);
  if (major !== 11) return;
  checkJest(folder, snippetsOf('docs/guide/testing.md', '## Jest'));
  await checkBuilders(folder);
}

/** What is meant by a name: our tarball, and what the README says of NestJS 11 and of Node 20. */
function given(major, tarball) {
  return (name) => {
    if (name === manifest.name) return tarball;
    if (name === 'better-sqlite3' && Number.parseInt(process.versions.node) < 22)
      return 'better-sqlite3@12';
    return major === 11 && name.startsWith('@nestjs/') ? `${name}@11` : name;
  };
}

/** Starts the application, asks as the README does, and expects what it says. */
async function records(folder, asked) {
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
    const [hello, usage] = asked.map((url) =>
      url.replace('localhost:3000', `http://localhost:${port}`),
    );
    const before = await soon(async () => (await fetch(hello)).text());
    assert.equal(before, 'Hello World!');
    const found = await soon(async () => {
      const list = await (await fetch(usage)).json();
      return list.find(({ route }) => route === '/');
    });
    assert.equal(found.handler, 'getHello');
    assert.equal(found.status, 200);
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
