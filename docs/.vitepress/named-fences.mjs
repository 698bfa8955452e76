import { posix } from 'node:path';

/**
 * Shows the file's name above a fenced block. It stands behind the language, or is that of the file
 * that the block takes in.
 */
export function namedFences(markdown) {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, src } = tokens[index];
    const [, named] = info.match(/^\w+ ([\w./-]+)$/) ?? [];
    const name = src?.[0] ? posix.basename(src[0]) : named;
    const block = fence(tokens, index, ...rest);
    if (name === undefined) return block;
    return `<figure class="named-file"><figcaption>${name}</figcaption>${block}</figure>`;
  };
}
