// Packs the library, installs it into fresh applications and runs them: what users install is what
// is checked, not the checkout. One concern after the other; names given run only those.
//   npm run check:package [-- types startup …]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { checkPlatforms, checkRuntimes } from './package-check/applications.mjs';
import { checkAudit } from './package-check/audit.mjs';
import { checkContents } from './package-check/contents.mjs';
import { checkContract } from './package-check/contract.mjs';
import { checkExports } from './package-check/exports.mjs';
import { checkFirstRecord } from './package-check/first-record.mjs';
import { checkLicences } from './package-check/licences.mjs';
import { pack } from './package-check/pack.mjs';
import { checkPeers } from './package-check/peers.mjs';
import { runtimes } from './package-check/runtimes.mjs';
import { checkStartup } from './package-check/startup.mjs';
import { checkTypes } from './package-check/types.mjs';

const checks = {
  contents: checkContents,
  exports: checkExports,
  licences: checkLicences,
  audit: checkAudit,
  startup: checkStartup,
  types: checkTypes,
  platforms: checkPlatforms,
  runtimes: (packed) => checkRuntimes(packed, runtimes()),
  peers: checkPeers,
  contract: checkContract,
  'first record': checkFirstRecord,
};

const asked = process.argv.slice(2);
const chosen = Object.entries(checks).filter(([name]) => !asked.length || asked.includes(name));
if (asked.some((name) => !(name in checks)))
  throw new Error(`There is no such check. There are: ${Object.keys(checks).join(', ')}.`);

const scratch = mkdtempSync(join(tmpdir(), 'track-usage-package-'));
const failed = [];
try {
  const packed = { ...pack(scratch), scratch };
  for (const [name, check] of chosen) {
    const start = performance.now();
    const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
    try {
      console.log(`ok: ${name}: ${await check(packed)} (${seconds()})`);
    } catch (error) {
      failed.push(name);
      console.error(`FAILED: ${name} (${seconds()})`, error);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length && 1;
