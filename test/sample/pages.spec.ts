import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withFiles } from '../../docs/.vitepress/markdown-copies.mjs';

const root = new URL('../../', import.meta.url);
const samples = readdirSync(new URL('sample/', root)).filter((name) => /^\d\d-/.test(name));

describe('The manual’s page of sample', () => {
  it.each(samples)('%s takes in its code from the files', (name) => {
    const page = new URL(`docs/samples/${name}.md`, root);
    const text = readFileSync(page, 'utf8');
    const files = [...text.matchAll(/^<<< (\S+)$/gm)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(`../../sample/${name}/`);
      expect(existsSync(new URL(file, page)), file).toBe(true);
      expect(withFiles(page.pathname)).toContain(readFileSync(new URL(file, page), 'utf8'));
    }
    expect(readFileSync(new URL('docs/samples/index.md', root), 'utf8')).toContain(`(${name}.md)`);
    expect(readFileSync(new URL('sample/README.md', root), 'utf8')).toContain(`](${name})`);
  });
});
