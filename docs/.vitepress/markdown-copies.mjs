// For those who read text: each page as Markdown beside its HTML, llms.txt, which lists them, and
// llms-full.txt, which has them all.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** VitePress calls this when the site is built. */
export function writeMarkdownCopies({ pages, srcDir, outDir, site }) {
  const texts = pages.map((path) => ({ path, text: withFiles(join(srcDir, path)) }));
  for (const { path, text } of texts) {
    const file = join(outDir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { title, description, base } = site;
  const list = texts.flatMap(({ path, text }) => {
    const [, heading] = text.match(/^# (.+)$/m) ?? [];
    return heading === undefined ? [] : [`- [${heading}](${base}${path})`];
  });
  const head = `# ${title}\n\n> ${description}\n`;
  writeFileSync(join(outDir, 'llms.txt'), `${head}\n${list.join('\n')}\n`);
  const all = texts.map(({ path, text }) => `<!-- ${path} -->\n\n${text}`);
  writeFileSync(join(outDir, 'llms-full.txt'), [head, ...all].join('\n'));
}

/** A page with the files that it takes in (`<<< ../../sample/…`), each in a fenced block. */
export function withFiles(page) {
  return readFileSync(page, 'utf8').replaceAll(/^<<< (\S+)$/gm, (_, path) => {
    const text = readFileSync(join(dirname(page), path), 'utf8').trimEnd();
    return `\`\`\`${path.split('.').at(-1)} ${path.split('/').at(-1)}\n${text}\n\`\`\``;
  });
}
