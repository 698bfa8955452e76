/** Shows the file's name, which stands behind the language of a fenced block, above the block. */
export function namedFences(markdown) {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const [, name] = tokens[index].info.match(/^\w+ ([\w./-]+)$/) ?? [];
    const block = fence(tokens, index, ...rest);
    if (name === undefined) return block;
    return `<figure class="named-file"><figcaption>${name}</figcaption>${block}</figure>`;
  };
}
