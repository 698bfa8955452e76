import { addressOf, refreshPanels } from './panels.js';

const MOST_ROWS = 500;
const REFRESH_MS = 10_000;
/** Where figures are counted from records, the database rests for so many times as long. */
const RESTS = 5;
/** The panels whose figures follow. */
const FOLLOWING = ['tiles', 'traffic', 'routes', 'consumers', 'tracking'];

let source: EventSource | null = null;
let timer = 0;

export function live(): void {
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-live]')) toggleLive();
  });
  // A panel that was loaded anew has a button of its own.
  document.addEventListener('panel', mark);
  addEventListener('pagehide', stop);
}

/** Starts or stops the stream of new requests. What was stopped keeps its rows. */
export function toggleLive(): void {
  if (source) stop();
  else start();
}

function start(): void {
  const list = document.querySelector<HTMLTableElement>('[data-latest]');
  if (!list) return;
  source = new EventSource(addressOf('live', since(list)));
  source.addEventListener('message', ({ data }) => addRow(String(data)));
  source.addEventListener('failure', ({ data }: MessageEvent) =>
    say(JSON.parse(String(data)) as string),
  );
  source.addEventListener('error', () => {
    // The browser tries again by itself, unless it was refused.
    if (source?.readyState !== EventSource.CLOSED) return;
    stop();
    say('The stream was refused.');
  });
  const follow = async () => {
    const began = performance.now();
    await refreshPanels(FOLLOWING);
    const rest = Math.max(REFRESH_MS, RESTS * (performance.now() - began));
    if (source) timer = setTimeout(() => void follow(), rest);
  };
  timer = setTimeout(() => void follow(), REFRESH_MS);
  mark();
}

function stop(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
  mark();
}

function mark(): void {
  for (const button of document.querySelectorAll('[data-live]'))
    button.setAttribute('aria-pressed', String(source !== null));
}

/** From where on the list has to be told what came. What it has is sent again, and left out. */
function since(list: HTMLTableElement): Record<string, string> {
  const rows = list.tBodies[0]?.rows;
  const oldest = rows?.[rows.length - 1]?.querySelector('time')?.dateTime;
  const { at } = document.body.dataset;
  if (oldest) return { since: oldest };
  return at ? { since: new Date(Number(at)).toISOString() } : {};
}

/** Puts a request at its place. One that took long is told after those that came after it. */
function addRow(html: string): void {
  const body = document.querySelector<HTMLTableElement>('[data-latest]')?.tBodies[0];
  if (!body) return;
  const made = document.createElement('template');
  made.innerHTML = html;
  const row = made.content.firstElementChild as HTMLTableRowElement | null;
  if (!row) return;
  const place = placeOf(row);
  const next = [...body.rows].find((each) => placeOf(each) <= place);
  if (next && placeOf(next) === place) return;
  row.classList.add('fresh');
  body.insertBefore(row, next ?? null);
  while (body.rows.length > MOST_ROWS) {
    body.deleteRow(-1);
    // It goes on from a row that is gone.
    document.querySelector('#latest .more')?.remove();
  }
  document.querySelector('#latest .empty')?.remove();
}

/** Text that orders requests as the list does. */
function placeOf(row: HTMLTableRowElement): string {
  return `${row.querySelector('time')?.dateTime ?? ''} ${row.dataset['id'] ?? ''}`;
}

function say(text: string): void {
  const note = document.querySelector('#latest .note');
  if (note) note.textContent = text;
}
