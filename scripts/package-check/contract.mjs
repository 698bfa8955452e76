// The contract of storages over a storage of a user's own, which is the manual's, in the test
// runners that users have.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { install, nest, run } from './application.mjs';
import { snippetsOf } from './manual.mjs';
import { installed } from './surroundings.mjs';

// A test that is slow on a busy machine has not failed.
const TEST_TIMEOUT_MS = 60_000;

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };

export function checkContract({ tarball, scratch }) {
  const folder = join(scratch, 'contract');
  const runners = { vitest: installed('vitest'), jest: '^30.0.0', '@jest/globals': '^30.0.0' };
  install(folder, tarball, { ...nest(12), ...runners }, { type: 'module' });
  const snippets = snippetsOf('docs/storages/own.md');
  const compiled = (name) => {
    const { text } = snippets.find((snippet) => snippet.name === name);
    return ts.transpileModule(text, { compilerOptions }).outputText;
  };
  writeFileSync(join(folder, 'folder.storage.js'), compiled('folder.storage.ts'));
  const spec = compiled('folder.storage.contract.ts');
  writeFileSync(join(folder, 'vitest.spec.js'), spec);
  writeFileSync(join(folder, 'jest.test.js'), spec.replace("'vitest'", "'@jest/globals'"));

  const vitest = run(folder, 'npx', [
    'vitest',
    'run',
    '--reporter=json',
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    'vitest.spec.js',
  ]);
  const { numPassedTests, success } = JSON.parse(vitest.slice(vitest.indexOf('{')));
  const jest = run(folder, process.execPath, [
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    'jest.test.js',
  ]);
  const inJest = JSON.parse(jest.slice(jest.indexOf('{')));
  assert.ok(success && inJest.success);
  assert.ok(numPassedTests > 10);
  assert.equal(inJest.numPassedTests, numPassedTests);
  return `${numPassedTests} tests each in vitest ${runners.vitest} and jest ${version(folder)}`;
}

function version(folder) {
  return run(folder, 'npx', ['jest', '--version']).trim();
}
