// The declarations that the entries lead to. Those of files that hold nothing public lose their
// comments: they are there for the compiler only.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export function keepDeclarations(from, to, entries) {
  const kept = new Set(entries.map((entry) => `${entry}.d.ts`));
  for (const file of kept) {
    const text = readFileSync(join(from, file), 'utf8');
    for (const { fileName } of ts.preProcessFile(text).importedFiles)
      if (fileName.startsWith('.'))
        kept.add(join(dirname(file), fileName).replace(/\.js$/, '.d.ts'));
    mkdirSync(dirname(join(to, file)), { recursive: true });
    if (text.includes('@publicApi')) cpSync(join(from, file), join(to, file));
    else writeFileSync(join(to, file), withoutComments(file, text));
  }
}

function withoutComments(file, text) {
  const printer = ts.createPrinter({ removeComments: true });
  return printer.printFile(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
}
