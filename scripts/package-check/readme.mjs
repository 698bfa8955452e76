// What the README shows, so that what is checked is what is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './surroundings.mjs';

/** The fenced blocks below a heading, up to the next one of its level. */
export function snippetsOf(heading) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const level = heading.indexOf(' ');
  const start = readme.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`the README has no '${heading}'`);
  const rest = readme.slice(start + 1 + heading.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return [...rest.slice(0, end).matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, name, text]) => ({ language, name, text }),
  );
}
