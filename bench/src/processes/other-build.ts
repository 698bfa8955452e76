import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Flags of node for a process whose `nestjs-track-usage` is that of another checkout.
 *
 * @throws {Error} if it is not built, or has packages of its own: two copies of Nest do not know
 * each other.
 */
export function otherBuild(folder: string): string[] {
  const checkout = resolve(folder);
  if (!existsSync(join(checkout, 'dist/index.js')))
    throw new Error(`--before: ${checkout} is not built: run npm run build there.`);
  const root = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  if (realpathSync(join(checkout, 'node_modules')) !== realpathSync(root))
    throw new Error(`--before: expected ${checkout}/node_modules to be a link to ${root}.`);
  const hooks = `
    export function resolve(name, context, next) {
      const isOurs = name === 'nestjs-track-usage' || name.startsWith('nestjs-track-usage/');
      const parentURL = ${JSON.stringify(pathToFileURL(join(checkout, 'dist/index.js')).href)};
      return next(name, isOurs ? { ...context, parentURL } : context);
    }`;
  const start = `
    import { register } from 'node:module';
    register(${JSON.stringify(asUrl(hooks))});`;
  return ['--import', asUrl(start)];
}

function asUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
