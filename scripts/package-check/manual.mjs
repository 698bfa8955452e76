// What the README and the manual show, so that what is checked is what is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './surroundings.mjs';

/**
 * The fenced blocks of a page, or of what stands in it below a heading, up to the next one of its
 * level. A block's file is named behind its language, or in its first line (`// src/main.ts`).
 */
export function snippetsOf(page, heading) {
  const text = readFileSync(join(root, page), 'utf8');
  const section = heading === undefined ? text : below(heading, text, page);
  return [...section.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, name, text]) => {
      const [, named = ''] = text.match(/^\/\/ (\S+\.\w+)\n/) ?? [];
      return { language, name: name || named, text };
    },
  );
}

function below(heading, text, page) {
  const level = heading.indexOf(' ');
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`${page} has no '${heading}'`);
  const rest = text.slice(start + 1 + heading.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}
