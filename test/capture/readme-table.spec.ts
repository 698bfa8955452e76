import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scenarios } from './cases/index.js';
import { conformanceTable } from './support/conformance-table.js';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const BEGIN = '<!-- conformance table: begin -->';
const END = '<!-- conformance table: end -->';

// `UPDATE_README=1 npx vitest run test/capture/readme-table.spec.ts` writes the table.

it('The README says case by case what is recorded', () => {
  const text = readFileSync(readme, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [table, after] = (rest ?? '').split(END);
  expect(after, `README.md has no ${BEGIN} … ${END}`).toBeDefined();
  const current = `\n\n${conformanceTable(scenarios)}\n`;
  if (process.env.UPDATE_README) {
    writeFileSync(readme, `${before}${BEGIN}${current}${END}${after}`);
    return;
  }
  expect(table).toBe(current);
});
