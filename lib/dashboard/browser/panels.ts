/** What stands before the names of the page's files: the browser knows where the page lies. */
const base = () => document.body.dataset['base'] ?? '';

/** The address of a file of the page, with the state that the page shows. */
export function addressOf(name: string, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  return `${base()}${name}?${query}`;
}

const MOST_WAIT_SECONDS = 60;
let patience = new AbortController();
addEventListener('pagehide', () => patience.abort());
// A page that comes back from the browser's memory asks again.
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  patience = new AbortController();
  void loadWaiting();
});

/**
 * Asks for the panels that the first answer has left out, all at once, and as of then: they share what
 * it has asked.
 */
export async function loadWaiting(): Promise<void> {
  const { at = '' } = document.body.dataset;
  const waiting = [...document.querySelectorAll<HTMLElement>('[data-wait]')];
  await Promise.all(waiting.map((panel) => loadPanel(panel, { at })));
}

/** Asks for the panels that are shown, one after the other, so that others are not held up. */
export async function refreshPanels(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const panel = document.getElementById(name);
    if (panel && !panel.contains(document.activeElement)) await loadPanel(panel);
  }
}

async function loadPanel(panel: HTMLElement, more: Record<string, string> = {}): Promise<void> {
  const name = panel.dataset['panel'] ?? '';
  try {
    const response = await fetch(addressOf('panel', { name, ...more }), {
      signal: patience.signal,
      credentials: 'same-origin',
    });
    if (response.status === 429) {
      say(panel, 'Too many requests for the moment. This panel tries again by itself.');
      const seconds = Number(response.headers.get('Retry-After')) || 10;
      await new Promise((done) => setTimeout(done, Math.min(seconds, MOST_WAIT_SECONDS) * 1000));
      return await loadPanel(panel, more);
    }
    if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
    const text = await response.text();
    const made = document.createElement('template');
    made.innerHTML = text;
    const open = [...panel.querySelectorAll('details')].map((each) => each.open);
    const fresh = made.content.firstElementChild;
    if (!fresh) throw new Error('The server answered with nothing.');
    fresh.querySelectorAll('details').forEach((each, at) => (each.open = open[at] ?? false));
    const focused = panel.contains(document.activeElement) ? document.activeElement : null;
    panel.replaceWith(fresh);
    if (focused) keepFocus(focused, fresh);
    showSpan(fresh as HTMLElement);
    fresh.dispatchEvent(new CustomEvent('panel', { bubbles: true }));
  } catch (error) {
    if (patience.signal.aborted) return;
    say(panel, `This panel could not be loaded. ${(error as Error).message}`);
  }
}

/** The page says which span its panels show, which moves on while they are refreshed. */
function showSpan({ dataset }: HTMLElement): void {
  const shown = document.querySelector('[data-shown]');
  if (shown && dataset['span']) shown.textContent = dataset['span'];
}

/** Whoever has gone to a link by keys stays there when its panel comes anew. */
function keepFocus(focused: Element, fresh: Element): void {
  const href = focused.getAttribute('href');
  const link = [...fresh.querySelectorAll('a')].find((each) => each.getAttribute('href') === href);
  if (href === null || !link) return;
  if (focused.closest('tr.at')) link.closest('tr')?.classList.add('at');
  link.focus({ preventScroll: true });
}

function say(panel: HTMLElement, text: string): void {
  panel.removeAttribute('aria-busy');
  let place = panel.querySelector<HTMLElement>('.empty, .failure');
  if (!place) {
    place = document.createElement('p');
    place.className = 'failure';
    panel.append(place);
  }
  place.textContent = text;
}
