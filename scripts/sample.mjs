// Starts a sample: `npm run sample 01-quick-start`. The library and the samples must be built.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../sample/dist/', import.meta.url);
const [name = '01-quick-start'] = process.argv.slice(2);
const main = new URL(`${name}/main.js`, built);
if (!existsSync(fileURLToPath(main))) {
  const names = readdirSync(built, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  console.error(
    `There is no sample ${name}. There are: ${names.map((one) => one.name).join(', ')}.`,
  );
  process.exit(1);
}
await import(main.href);
