// `npm test`: builds what the specs run in processes of their own, runs the specs, and says what it
// has left to CI. Arguments go to vitest: `npm test -- test/routes`.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LONG_SPECS } from '../test/long-specs.mjs';
import { filesOf } from './build/files.mjs';
import { makeReady } from './build/ready.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const SERVERS = ['POSTGRES', 'MARIADB', 'MYSQL', 'REDIS', 'MONGODB', 'COUCHDB', 'CLICKHOUSE'];
const asked = process.argv.slice(2);

makeReady();
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...asked],
  { cwd: root, stdio: 'inherit' },
);
if (asked.length === 0 && process.env.CI !== 'true') console.log(leftToCI());
process.exitCode = status ?? 1;

function leftToCI() {
  const missing = SERVERS.filter((name) => !process.env[`TRACK_USAGE_TEST_${name}_URL`]);
  const specs = filesOf(join(root, 'test')).filter((file) => file.endsWith('.spec.ts'));
  const waiting = specs.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return missing.some((name) => text.includes(`'${name}'`));
  });
  const lines = [
    '',
    'Left to CI, and how to run it here:',
    `- ${LONG_SPECS.length} spec files that take long or start servers of their own:`,
    `  CI=true npx vitest run ${LONG_SPECS[0]}`,
    '  (test/long-specs.mjs lists them)',
  ];
  if (missing.length > 0)
    lines.push(
      `- what asks servers whose addresses are not set, in ${waiting.length} spec files:`,
      `  ${missing.map((name) => `TRACK_USAGE_TEST_${name}_URL`).join('\n  ')}`,
      '  (.github/workflows/test.yml has the servers and their addresses)',
    );
  lines.push(
    '- npm run lint, format:check, typecheck, check:package and soak',
    'With all servers up, `CI=true npm test` runs every spec.',
    '',
  );
  return lines.join('\n');
}
