// Pages link to files of the repository that the site lacks, such as the reports of the bench. There
// these links lead to the repository that package.json names. Until it names one, they are plain text.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

const { repository } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url)));
const home = (repository?.url ?? repository)?.replace(/^git\+|\.git$/g, '');

/** Has links out of `docs/` lead to the repository. */
export function outsideLinks(markdown) {
  const { link_open: inside } = markdown.renderer.rules;
  markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const path = posix.join('docs', posix.dirname(env.relativePath ?? ''), token.attrGet('href'));
    if (!token.attrGet('href').startsWith('../') || path.startsWith('docs/'))
      return inside(tokens, index, options, env, self);
    token.attrs = home ? [['href', `${home}/blob/main/${path}`]] : [];
    return self.renderToken(tokens, index, options);
  };
}
