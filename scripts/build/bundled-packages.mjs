import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Packages that are bundled with what needs them, so that nobody has to install them: they are loaded
// by the command line or the dashboard alone. All others are the application's own.
const BUNDLED = [
  'get-east-asian-width',
  'preact',
  'preact-render-to-string',
  'd3-scale',
  'd3-shape',
  'yaml',
];

/** What is for browsers is made of ES modules, of which esbuild takes what is used. */
const AS_MODULES = { yaml: 'browser/index.js' };
const { resolve } = createRequire(import.meta.url);

/** Decides for esbuild which packages become a part of what is published. */
export const bundledPackages = {
  name: 'bundled-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return undefined;
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      const file = AS_MODULES[name];
      if (file) return { path: join(dirname(resolve(`${name}/package.json`)), file) };
      // What they need in their turn comes along.
      const isOfBundled = importer.includes('/node_modules/');
      return BUNDLED.includes(name) || isOfBundled ? undefined : { path, external: true };
    });
  },
};
