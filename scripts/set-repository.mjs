// Says where the project lives, which package.json leaves open until it does: the one place where
// repository, homepage and bugs are set.
//   node scripts/set-repository.mjs OWNER/NAME
import { readFileSync, writeFileSync } from 'node:fs';

const [repository = ''] = process.argv.slice(2);
if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
  console.error(`Given '${repository}'; expected the repository on GitHub, such as owner/name.`);
  process.exit(1);
}
const url = `https://github.com/${repository}`;
const file = new URL('../package.json', import.meta.url);
const { license, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
const entries = Object.entries({
  ...manifest,
  repository: { type: 'git', url: `git+${url}.git` },
  homepage: `${url}#readme`,
  bugs: { url: `${url}/issues` },
  license,
});
writeFileSync(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
