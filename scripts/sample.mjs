// Starts a sample: `npm run sample 02-postgres-typeorm`. It builds first what is not built.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [name = '01-quick-start'] = process.argv.slice(2);
if (!existsSync(at(`sample/${name}/main.ts`))) {
  const names = readdirSync(at('sample')).filter((one) => existsSync(at(`sample/${one}/main.ts`)));
  console.error(`There is no sample ${name}. There are: ${names.join(', ')}.`);
  process.exit(1);
}
// Said before anything is loaded that takes long.
console.log(`Starting sample/${name}, built from the sources where they have changed …`);
const { makeReady } = await import('./build/ready.mjs');
makeReady();
await import(new URL(`../sample/dist/${name}/main.js`, import.meta.url).href);
