/** The link of a row. Rows of what nothing can be filtered by have none. */
export const LINK = 'a.name[href]';

const PLACE = 'usage.row';

/** Makes rows links as a whole, and keeps the place of those who go through them by keys. */
export function openRows(): void {
  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    const row = target.closest('tr[data-row]');
    if (!row) return;
    const link = row.querySelector<HTMLElement>(LINK);
    // A key's click has no count.
    if (link?.contains(target) && event.detail === 0) remember(row);
    // What is selected is to be copied.
    if (target.closest('a, summary') || String(getSelection())) return;
    const { ctrlKey, metaKey, shiftKey } = event;
    link?.dispatchEvent(
      new MouseEvent('click', {
        bubbles: true,
        cancelable: true,
        ctrlKey,
        metaKey,
        shiftKey,
        detail: 1,
      }),
    );
  });
  returnToRow();
}

/** Marks a row and focuses its link. */
export function choose(row: Element): void {
  document.querySelector('tr.at')?.classList.remove('at');
  row.classList.add('at');
  row.querySelector<HTMLElement>(LINK)?.focus();
  row.scrollIntoView({ block: 'nearest' });
}

/** The panel in which a row was followed: the next page has the same row in it. */
function remember(row: Element): void {
  const panel = row.closest<HTMLElement>('[data-panel]')?.dataset['panel'];
  if (panel !== undefined) memory()?.setItem(PLACE, panel);
}

/** Chooses the row that the page before has filtered by, so that the same key goes on to its own page. */
function returnToRow(): void {
  const panel = memory()?.getItem(PLACE);
  memory()?.removeItem(PLACE);
  if (!panel) return;
  const find = () => {
    const row = document.getElementById(panel)?.querySelector('tr:has([aria-current])');
    // Whoever is elsewhere meanwhile stays there.
    if (!row || document.activeElement !== document.body) return;
    choose(row);
    document.removeEventListener('panel', find);
  };
  document.addEventListener('panel', find);
  find();
}

/** Null where the browser is told to keep nothing. */
function memory(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
