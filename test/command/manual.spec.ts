import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlite } from '../faults/databases.js';
import { readSnippets, writeSnippets } from '../readme/snippets.js';
import { temporaryFolder } from '../storages/sql/places.js';
import { fillPlace, type FilledPlace } from './places.js';
import { runCommand } from './run-command.js';

const PROGRAM = 'npx nestjs-track-usage ';
const OPTIONS = fileURLToPath(new URL('./options.ts', import.meta.url));
const folder = new URL('../readme/.snippets/command-line/', import.meta.url);

describe('The manual on the command line', () => {
  const output = temporaryFolder();
  let place: FilledPlace;
  beforeAll(async () => {
    place = await fillPlace(sqlite);
  });
  afterAll(async () => {
    await place.remove();
    output.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows commands that run', async () => {
    const snippets = await readSnippets();
    const lines = snippets
      .filter(({ language, text }) => language === 'bash' && text.includes(PROGRAM))
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => line.startsWith(PROGRAM) && !/ (import|routes) /.test(line));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) {
      const args = [...line.slice(PROGRAM.length).matchAll(/'([^']*)'|(\S+)/g)]
        .map(([, quoted, plain]) => quoted ?? plain!)
        // It would go on for ever.
        .filter((arg) => arg !== '--follow')
        .map((arg) => (arg === 'usage.options.mjs' ? OPTIONS : arg));
      const { code, stderr } = await runCommand([...args, ...place.flags], { cwd: output.path });
      expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
    }
  });

  it('shows options that a summary of one’s own is verified by', async () => {
    const snippets = (await readSnippets()).filter(({ name }) => name === 'usage.options.mjs');
    const [path] = await writeSnippets(snippets, folder);
    expect(path).toBe(fileURLToPath(new URL('usage.options.mjs', folder)));
    const args = ['verify', '--json', '--options', path!, ...place.flags];
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    const { summaries, unverified } = JSON.parse(stdout) as Record<string, string[]>;
    expect(summaries).toContain('plan');
    expect(unverified).toEqual([]);
  });
});
