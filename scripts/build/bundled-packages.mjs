// Packages that are bundled with what needs them, so that nobody has to install them: they are loaded
// by the command line alone. All others are the application's own.
const BUNDLED = ['get-east-asian-width'];

/** Decides for esbuild which packages become a part of what is published. */
export const bundledPackages = {
  name: 'bundled-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return undefined;
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      const isOfBundled = BUNDLED.some((each) => importer.includes(`/node_modules/${each}/`));
      return BUNDLED.includes(name) || isOfBundled ? undefined : { path, external: true };
    });
  },
};
