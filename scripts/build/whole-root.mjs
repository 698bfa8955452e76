// Keeps together what the root entry loads. esbuild cuts a chunk for each set of entries that share a
// module, so each further entry cuts the root's modules into more and smaller files. Here the entries
// whose users have loaded the root anyway import it as well, and so does what is loaded later: the
// root's modules then belong to all of them alike, and make few chunks.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * @param folder Where the compiler's files are.
 * @param entries The entries whose users have loaded the root, as paths in the folder without `.js`.
 * @param apart What modules of this folder load later is loaded without the root.
 */
export function wholeRoot(folder, entries, apart) {
  const root = join(folder, 'index.js');
  const users = new Set(entries.map((entry) => join(folder, `${entry}.js`)));
  users.delete(root);
  return {
    name: 'whole-root',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\..*\.js$/ }, ({ kind, path, resolveDir }) => {
        if (kind === 'dynamic-import' && !resolveDir.startsWith(join(folder, apart)))
          users.add(resolve(resolveDir, path));
        return undefined;
      });
      onLoad({ filter: /\.js$/ }, ({ path }) =>
        users.has(path)
          ? { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(root)};\n` }
          : undefined,
      );
    },
  };
}
