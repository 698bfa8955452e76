/** How esbuild writes what is published: small, in lines that stack traces can be read with. */
export const publishedCode = {
  platform: 'node',
  target: 'node20',
  packages: 'external',
  minifyWhitespace: true,
  minifyIdentifiers: true,
  keepNames: true,
  lineLimit: 100,
  legalComments: 'none',
  logLevel: 'warning',
};
