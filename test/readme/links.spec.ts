import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../docs/.vitepress/anchors.mjs';
import { pages } from './snippets.js';

const root = new URL('../../', import.meta.url);
const PAGES = [...pages(), 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'];

describe('The links of', () => {
  it.each(PAGES)('%s lead to files and headings that are there', async (page) => {
    const broken: string[] = [];
    for (const link of linksOf(await proseOf(page))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#') as [string, string?];
      const target = new URL(path || page.split('/').at(-1)!, new URL(page, root));
      const isThere = existsSync(target);
      if (!isThere || (anchor !== undefined && !(await anchorsOf(target)).has(anchor)))
        broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  it.each(PAGES)('%s to other sites are complete and in their canonical form', async (page) => {
    const links = linksOf(await proseOf(page)).filter((link) => /^[a-z]+:/.test(link));
    for (const link of links) {
      expect(new URL(link).href).toBe(link);
      expect(link).toMatch(/^https:\/\/[a-z.]+\//);
    }
  });

  it('pages of the manual leave it for the bench’s reports alone, which the site lacks', async () => {
    const outside: string[] = [];
    for (const page of pages().filter((each) => each.startsWith('docs/')))
      for (const link of linksOf(await proseOf(page)))
        if (
          link.endsWith('.md') &&
          !/^[a-z]+:/.test(link) &&
          !new URL(link, new URL(page, root)).href.startsWith(new URL('docs/', root).href) &&
          !link.includes('bench/')
        )
          outside.push(`${page}: ${link}`);
    expect(outside).toEqual([]);
  });
});

/** A page without its code. */
async function proseOf(page: string): Promise<string> {
  const text = await readFile(new URL(page, root), 'utf8');
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

function linksOf(text: string): string[] {
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const frontmatter = [...text.matchAll(/\blink: (\/[^\s},]*)/g)].map(([, link]) => link!);
  return [
    ...inline,
    ...frontmatter.map((link) => `.${link}${link.endsWith('/') ? 'index' : ''}.md`),
  ];
}

async function anchorsOf(target: URL): Promise<Set<string>> {
  if (!target.pathname.endsWith('.md')) return new Set();
  const text = await proseOf(target.href.slice(root.href.length));
  const anchors = new Set<string>();
  for (const [, heading] of text.matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading!.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1'));
    let name = anchor;
    for (let n = 1; anchors.has(name); n++) name = `${anchor}-${n}`;
    anchors.add(name);
  }
  return anchors;
}
