// The order of sections and pages. A page that is not named here stands behind those of its section.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const docs = new URL('../', import.meta.url);

const SECTIONS = [
  ['guide', 'Guide', ['getting-started', 'tracking', 'record', 'consumers', 'options', 'hooks']],
  ['reports', 'Reports', ['index', 'first-week', 'records', 'summaries', 'routes']],
  ['storages', 'Storages', ['index', 'sqlite', 'sql', 'mongo', 'mongoose', 'redis', 'clickhouse']],
  ['operations', 'Operations', ['delivery', 'journal', 'shutdown', 'processes', 'services']],
  ['privacy', 'Privacy', ['index']],
  ['dashboard', 'Dashboard', ['index', 'pictures', 'addresses', 'data']],
  ['command-line', 'Command line', ['index', 'looking', 'exporting', 'import', 'tending']],
  ['samples', 'Samples', ['index']],
  ['migration', 'Migration', ['flask-track-usage']],
  ['internals', 'Internals', ['index', 'exactly-once', 'sums']],
];

export const navigation = [
  { text: 'Guide', link: '/guide/getting-started' },
  { text: 'Storages', link: '/storages/' },
  { text: 'Operations', link: '/operations/delivery' },
  { text: 'Reference', link: '/reference/' },
];

/** Every page of every section, by its heading; beside the reference, what it has. */
export function sidebar() {
  const written = SECTIONS.flatMap(([folder, text, order]) => {
    const pages = pagesOf(folder, order);
    // A section's first page often has its name.
    const items = pages.map((page) => (page.text === text ? { ...page, text: 'Overview' } : page));
    return items.length ? [{ text, items, collapsed: false }] : [];
  });
  return { '/reference/': reference(), '/': written };
}

/** What TypeDoc has made; nothing before it has run. */
function reference() {
  const file = new URL('reference/typedoc-sidebar.json', docs);
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')).map((entry) => ({ ...entry, collapsed: false }));
}

function pagesOf(folder, order) {
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return namesOf(folder)
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b))
    .map((name) => ({
      text: headingOf(`${folder}/${name}.md`),
      link: `/${folder}/${name === 'index' ? '' : name}`,
    }));
}

function namesOf(folder) {
  try {
    return readdirSync(new URL(folder, docs))
      .filter((file) => file.endsWith('.md'))
      .map((file) => file.slice(0, -'.md'.length));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function headingOf(path) {
  const [, heading] = readFileSync(new URL(path, docs), 'utf8').match(/^# (.+)$/m) ?? [];
  if (heading === undefined) throw new Error(`docs/${path} has no heading: begin it with '# …'`);
  return heading.replaceAll('`', '');
}
