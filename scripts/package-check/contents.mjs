// What the tarball holds, and how much it weighs.
import assert from 'node:assert/strict';

const BELONGS =
  /^(dist\/.+\.(c?js|d\.ts)|dist\/bundled-licences\.txt|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
const MOST = 600_000;

export function checkContents({ files, size, unpackedSize }) {
  assert.deepEqual(
    files.filter((path) => !BELONGS.test(path)),
    [],
    'the tarball holds what it should not',
  );
  for (const path of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    assert.ok(files.includes(path), `the tarball lacks ${path}`);
  assert.ok(size < MOST, `the tarball has ${size} bytes, more than ${MOST}`);
  return `${files.length} files, ${size} bytes packed, ${unpackedSize} unpacked`;
}
