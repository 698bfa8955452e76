// What the journal promises, at full size: npm run kills [-- kills for each database, default 50]
// First an outage of 1,000,000 records, then processes that are killed under 500 requests a second,
// over SQLite and each of PostgreSQL, MongoDB and ClickHouse whose address is set
// (TRACK_USAGE_TEST_…_URL), then half as many each that exit, throw or run out of memory. As root the
// processes go before the others of the machine (chrt), so that what is measured is theirs.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const kills = Number(process.argv[2] ?? 50);
if (!Number.isInteger(kills) || kills < 1) {
  console.error(`Expected kills from 1, but got ${process.argv[2]}: npm run kills -- 50`);
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url));

function run(args, env = {}) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

run(['scripts/kills/outage.mjs']);
run(['node_modules/vitest/vitest.mjs', 'run', 'test/faults/kills.spec.ts'], {
  TRACK_USAGE_TEST_KILLS: String(kills),
});
