import { readSnippets, writeSnippets } from './snippets.js';

// folder.storage.ts and folder.storage.contract.ts of the manual: its tests are those of this file.
const folder = new URL('.snippets/own-storage/', import.meta.url);
const snippets = await readSnippets();
await writeSnippets(
  snippets.filter(({ name }) => name.startsWith('folder.storage.')),
  folder,
);
await import(/* @vite-ignore */ `${folder.href}folder.storage.contract.ts`);
