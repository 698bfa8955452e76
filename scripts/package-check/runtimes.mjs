// The versions of Node that are supported, brought by the npm package `node`.
import { run } from './application.mjs';
import { root } from './surroundings.mjs';

export const SUPPORTED = ['20.19', '22', '24'];

export function runtimes() {
  return SUPPORTED.map((version) => {
    const ask = ['-y', '-p', `node@${version}`, '--', 'node', '-p', 'process.execPath'];
    const path = run(root, 'npx', ask).trim().split('\n').at(-1);
    return { version: run(root, path, ['--version']).trim(), path };
  });
}
