// Packages that are bundled with what needs them, so that nobody has to install them: they are loaded
// by the command line or the dashboard alone. All others are the application's own.
const BUNDLED = [
  'get-east-asian-width',
  'preact',
  'preact-render-to-string',
  'd3-scale',
  'd3-shape',
];

/** Decides for esbuild which packages become a part of what is published. */
export const bundledPackages = {
  name: 'bundled-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return undefined;
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      // What they need in their turn comes along.
      const isOfBundled = importer.includes('/node_modules/');
      return BUNDLED.includes(name) || isOfBundled ? undefined : { path, external: true };
    });
  },
};
