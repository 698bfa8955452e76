// Runs a shop under full load for minutes, one call in a hundred of its storage failing, and fails
// if memory, handles or listeners grow: npm run soak [-- minutes, default 5]
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MEBIBYTE = 1024 * 1024;
const MOST_GROWTH = 5 * MEBIBYTE;
const CLIENTS = 16;

const minutes = Number(process.argv[2] ?? 5);
if (!(minutes >= 0.1)) {
  console.error(`Expected minutes from 0.1, but got ${process.argv[2]}: npm run soak -- 5`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'track-usage-soak-'));
const shop = fork(fileURLToPath(new URL('soak/shop.mjs', import.meta.url)), [join(folder, 'db')], {
  execArgv: ['--expose-gc'],
});
try {
  await soak();
} finally {
  shop.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

async function soak() {
  const { url } = await message();
  const load = startLoad(url);
  // The first fifth warms up: code is compiled, caches fill.
  const samples = [];
  const rounds = 5;
  for (let round = 1; round <= rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, (minutes * 60_000) / rounds));
    // Between requests, so that those under way are not taken for what stays.
    await load.pause();
    samples.push({ minute: (round * minutes) / rounds, requests: load.requests, ...(await ask()) });
    console.log(line(samples.at(-1)));
    load.resume();
  }
  await load.stop();

  const [first, last] = [samples[0], samples.at(-1)];
  const growth = last.heap - first.heap;
  console.log(`heap from the first sample to the last: ${(growth / MEBIBYTE).toFixed(2)} MiB`);
  assert.ok(growth < MOST_GROWTH, `the heap grew by ${growth} bytes`);
  assert.deepEqual(last.handles, first.handles, 'handles came or went');
  assert.deepEqual(last.listeners, first.listeners, 'listeners came or went');

  shop.send('end');
  const { stats, hooked, records, hits, differences } = await message();
  const ended = new Promise((resolve) => shop.once('exit', resolve));
  console.log(`stored ${stats.stored} of ${stats.seen}, ${stats.retried} calls repeated`);
  assert.ok(stats.retried > 0, 'no call of the storage failed');
  assert.equal(stats.seen, load.requests);
  assert.equal(stats.stored, load.requests);
  assert.deepEqual(stats.dropped, {});
  assert.equal(hooked, load.requests);
  assert.equal(records, load.requests);
  assert.equal(hits, load.requests);
  assert.equal(differences, 0);
  await ended;
  console.log('passed');
}

function startLoad(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  let isOn = true;
  let isOver = false;
  let go;
  let gate = Promise.resolve();
  let busy = 0;
  let idle;
  const load = {
    requests: 0,
    async pause() {
      isOn = false;
      gate = new Promise((resolve) => (go = resolve));
      if (busy > 0) await new Promise((resolve) => (idle = resolve));
    },
    resume() {
      isOn = true;
      go();
    },
    async stop() {
      isOver = true;
      await Promise.all(clients);
      agent.destroy();
    },
  };
  const client = async () => {
    while (!isOver) {
      if (!isOn) await gate;
      busy++;
      await request(agent, `${url}/cats/${load.requests++ % 1000}?q=${load.requests % 97}`);
      if (--busy === 0 && !isOn) idle?.();
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return load;
}

function request(agent, url) {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { 'user-agent': 'soak/1.0' } }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
      );
    }).on('error', reject);
  });
}

function ask() {
  shop.send('sample');
  return message();
}

function message() {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the shop ended with ${code}`));
    shop.once('exit', ended);
    shop.once('message', (given) => {
      shop.off('exit', ended);
      resolve(given);
    });
  });
}

function line({ minute, requests, heap, handles, listeners }) {
  const count = (counts) => Object.values(counts).reduce((sum, each) => sum + each, 0);
  return (
    `minute ${minute.toFixed(1)}: ${requests} requests, heap ${(heap / MEBIBYTE).toFixed(2)} MiB, ` +
    `${count(handles)} handles, ${count(listeners)} listeners`
  );
}
