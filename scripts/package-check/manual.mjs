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

/**
 * The steps of the README's "Five minutes" for one reader, in their order: `{ file, text }` to write,
 * or a `command`. What holds for some only says so in the paragraph before ("On NestJS 11, …") or at
 * the line's end ("# Node 20").
 *
 * @param {{ major: number, manager: string }} reader
 */
export function firstSteps({ major, manager }) {
  const section = below(
    '## Five minutes',
    readFileSync(join(root, 'README.md'), 'utf8'),
    'README.md',
  );
  const steps = [];
  for (const [, before, language, text] of section.matchAll(
    /([^\n]*)\n\n```(\w+)\n([\s\S]*?)^```$/gm,
  )) {
    const [, version] = before.match(/^On NestJS (\d+)/) ?? [];
    if (version !== undefined && Number(version) !== major) continue;
    if (language !== 'sh') {
      const [, file] = text.match(/^\/\/ (\S+)\n/) ?? [];
      if (file === undefined) throw new Error(`a file of the README has no name: ${text}`);
      steps.push({ file, text });
      continue;
    }
    for (const line of text.trim().split('\n')) {
      const [command, condition = ''] = line.split(' # ');
      if (isMeant(condition, command, manager)) steps.push({ command });
    }
  }
  return steps;
}

function isMeant(condition, command, manager) {
  if (/^(npm install|pnpm add) /.test(command) && !command.startsWith(`${manager} `)) return false;
  const node = Number.parseInt(process.versions.node);
  const [, version, later] = condition.match(/Node (\d+)( or later)?/) ?? [];
  if (version === undefined) return true;
  return later ? node >= Number(version) : node === Number(version);
}
