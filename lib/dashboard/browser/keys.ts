import { toggleLive } from './live.js';
import { choose, LINK } from './rows.js';

const HELP: readonly (readonly [key: string, meaning: string])[] = [
  ['/', 'add a filter'],
  ['j k', 'to the next or the previous row'],
  ['Enter', 'filter by the row; again: its own page'],
  ['[ ]', 'the next shorter or longer range'],
  ['c', 'compare with another span'],
  ['e', 'export'],
  ['l', 'live: start or stop'],
  ['Esc', 'close'],
  ['?', 'this help'],
];

/** The keys of the page. They rest while somebody types. */
export function handleKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') return closeAll();
    if (target.closest('input, select, textarea')) return;
    if (act(event.key)) event.preventDefault();
  });
}

function act(key: string): boolean {
  switch (key) {
    case '/':
      return openMenu('[data-filter]', 'select');
    case 'c':
      return openMenu('[data-compare]', 'a');
    case 'e':
      return openMenu('[data-export]', 'a');
    case 'j':
      return moveRow(1);
    case 'k':
      return moveRow(-1);
    case '[':
      return follow('[data-shorter]');
    case ']':
      return follow('[data-longer]');
    case 'l':
      toggleLive();
      return true;
    case '?':
      showHelp();
      return true;
    default:
      return false;
  }
}

function openMenu(selector: string, first: string): boolean {
  const menu = document.querySelector<HTMLDetailsElement>(selector);
  if (!menu) return false;
  closeAll();
  menu.open = true;
  menu.querySelector<HTMLElement>(`.pop ${first}`)?.focus();
  return true;
}

function closeAll(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
  }
}

/** Focuses the link of the next row, so that Enter follows it as any link. */
function moveRow(step: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('tr[data-row]')].filter(
    (row) => row.querySelector(LINK) !== null && row.offsetParent !== null,
  );
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (!next) return false;
  choose(next);
  return true;
}

/** Follows the link that the page has marked, if there is one. */
function follow(selector: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(selector);
  if (!link) return false;
  location.assign(link.href);
  return true;
}

function showHelp(): void {
  let dialog = document.querySelector('dialog');
  if (!dialog) {
    dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', 'Keys');
    const list = document.createElement('dl');
    for (const [key, meaning] of HELP) {
      const line = document.createElement('div');
      const term = document.createElement('dt');
      const name = document.createElement('kbd');
      name.textContent = key;
      term.append(name);
      const text = document.createElement('dd');
      text.textContent = meaning;
      line.append(term, text);
      list.append(line);
    }
    dialog.append(list);
    document.body.append(dialog);
  }
  if (dialog.open) dialog.close();
  else dialog.showModal();
}
