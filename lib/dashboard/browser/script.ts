import { hoverCharts } from './hover.js';
import { handleKeys } from './keys.js';
import { live } from './live.js';
import { loadWaiting } from './panels.js';
import { openRows } from './rows.js';

document.documentElement.classList.add('js');
hoverCharts();
handleKeys();
openRows();
live();
void loadWaiting();

// A menu closes when something else is clicked.
document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
    if (!menu.contains(target as Node)) menu.open = false;
});
