import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scenarios } from './cases/index.js';
import { conformanceTable } from './support/conformance-table.js';

const PAGE = 'docs/internals/conformance.md';
const page = fileURLToPath(new URL(`../../${PAGE}`, import.meta.url));
const BEGIN = '<!-- conformance table: begin -->';
const END = '<!-- conformance table: end -->';

// `UPDATE_MANUAL=1 npx vitest run test/capture/conformance-table.spec.ts` writes the table.

it('The manual says case by case what is recorded', () => {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [table, after] = (rest ?? '').split(END);
  expect(after, `${PAGE} has no ${BEGIN} … ${END}`).toBeDefined();
  const current = `\n\n${conformanceTable(scenarios)}\n`;
  if (process.env.UPDATE_MANUAL) {
    writeFileSync(page, `${before}${BEGIN}${current}${END}${after}`);
    return;
  }
  expect(table).toBe(current);
});
