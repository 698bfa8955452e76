// The licences of the packages that the bundle has taken in: what is copied has to name them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];

/**
 * @param metafile What esbuild tells of a bundle.
 * @param folder The folder that its paths are relative to.
 * @throws {Error} if a package has no licence, or one that is not permissive.
 */
export function bundledLicences({ inputs }, folder) {
  const packages = new Set(
    Object.keys(inputs).flatMap((input) => {
      const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
      return found ? [resolve(folder, found[0])] : [];
    }),
  );
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((each) => /^licen[cs]e/i.test(each));
    if (!PERMISSIVE.includes(license) || file === undefined)
      throw new Error(`${name} ${version}: ${license} cannot be bundled, or has no text`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}
