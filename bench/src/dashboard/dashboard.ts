import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TableNames } from '../databases/database.js';
import type { LoopHeld } from '../event-loop/loop-watch.js';

import { Child } from '../processes/child.js';
import { quietTime } from '../processes/quiet-time.js';
import { withScratch } from '../scratch.js';
import type { Settings } from '../settings.js';
import type { Weight } from './scales.js';
import { COUNTED_PANELS, RawPanels, type Span } from './raw-panels.js';

export interface DashboardResult {
  readonly size: number;
  /** Milliseconds from the request for the page to its last byte. */
  readonly page: readonly number[];
  /** Milliseconds from the request for the page until all panels that sums answer have come. */
  readonly sums: readonly number[];
  /** Panels that the page shows in full in its first answer, and those that come afterwards. */
  readonly complete: readonly string[];
  readonly waiting: readonly string[];
  /** Milliseconds from the request for the page until all that comes afterwards has come. */
  readonly all: readonly number[];
  readonly panels: readonly PanelTimes[];
  /** The export of all records as CSV. */
  readonly exported: Exported;
  /** How long the event loop was held while pages were opened. */
  readonly loop: LoopHeld;
}

export interface Exported {
  readonly lines: number;
  readonly seconds: number;
  /** Of the server. */
  readonly weight: Weight;
}

export interface PanelTimes {
  readonly panel: string;
  /** Milliseconds, in pairs. */
  readonly ours: readonly number[];
  readonly raw: readonly number[];
}

const DAY_MS = 86_400_000;
/** Viewers who ask the same within this time share an answer. */
const SHARED_MS = 6000;
const RANGE = 'range=30d';
/** From a range of 30 days to the same weekdays before. */
const WEEKS_MS = 35 * DAY_MS;
const MOST_ROUNDS = 8;
const NEW_LINE = 10;

/** Where the records are. */
export interface FilledFile {
  readonly scratch: string;
  readonly tables: TableNames;
  /** The instant after the newest record. */
  readonly end: number;
}

/**
 * Opens the page of 30 days on SQLite, with the records of 60 days and the sums that `forRoot()`
 * keeps; then each panel that is counted from records, in turn with the query by hand.
 */
export async function measureDashboard(settings: Settings): Promise<DashboardResult> {
  const size = Math.max(...settings.sizes);
  return withScratch(async (scratch) => {
    const tables = { recordTable: 'records', summaryTable: 'sums' };
    const place = { scratch, tables, end: Date.now() };
    const child = await startIn(place, settings);
    await child.call('fill', size);
    await quietTime(settings);
    return { size, ...(await measurePage(child, place, settings)) };
  });
}

export function startIn({ scratch, tables, end }: FilledFile, settings: Settings): Promise<Child> {
  const args = [scratch, JSON.stringify(tables), String(end)];
  return Child.start('dashboard/dashboard.process.js', args, { execArgv: settings.nodeFlags });
}

/** Measures on a file that is filled, and ends the process. */
export async function measurePage(
  child: Child,
  { scratch, tables: { recordTable } }: FilledFile,
  { rounds }: Settings,
): Promise<Omit<DashboardResult, 'size'>> {
  const raw = new RawPanels(join(scratch, `${recordTable}.sqlite`), recordTable);
  try {
    const port = await child.call<number>('start');
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/usage${path}`);
      const text = await response.text();
      if (!response.ok || text.includes('data-failed')) throw new Error(`${path}: ${text}`);
      return text;
    };
    const opened = await openPages(child, get, Math.min(rounds, MOST_ROUNDS));
    const panels = await askPanels(raw, get, Math.min(rounds, MOST_ROUNDS));
    return { ...opened, panels, exported: await exportAll(child, port) };
  } finally {
    raw.close();
    await child.stop();
  }
}

type Get = (path: string) => Promise<string>;

async function openPages(child: Child, get: Get, rounds: number) {
  const page: number[] = [];
  const sums: number[] = [];
  const all: number[] = [];
  const loops: LoopHeld[] = [];
  let html = '';
  for (let round = -1; round < rounds; round++) {
    await delay(SHARED_MS);
    await child.call('watch');
    const start = performance.now();
    html = await get(`?${RANGE}`);
    const first = performance.now() - start;
    // As the page's script does.
    const [, at] = / data-at="(\d+)"/.exec(html) ?? [];
    let ofSums = first;
    await Promise.all(
      waitingIn(html).map(async (name) => {
        await get(`/panel?name=${name}&${RANGE}&at=${at}`);
        if (!COUNTED_PANELS.includes(name)) ofSums = performance.now() - start;
      }),
    );
    const took = performance.now() - start;
    const held = await child.call<LoopHeld>('held');
    if (round < 0) continue;
    page.push(first);
    sums.push(ofSums);
    all.push(took);
    loops.push(held);
  }
  const waiting = waitingIn(html);
  const names = [...html.matchAll(/data-panel="([^"]+)"/g)].map(([, name]) => name!);
  const worst = (of: (loop: LoopHeld) => number | null) =>
    Math.max(...loops.map((loop) => of(loop) ?? 0));
  return {
    page,
    sums,
    all,
    waiting,
    complete: names.filter((name) => !waiting.includes(name)),
    loop: {
      max: worst(({ max }) => max),
      p99: worst(({ p99 }) => p99),
      maxCpu: worst(({ maxCpu }) => maxCpu),
    },
  };
}

async function exportAll(child: Child, port: number): Promise<Exported> {
  await child.call('weigh');
  const start = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/usage/records.csv`);
  let lines = 0;
  const reader = response.body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read())
    for (const byte of part.value) if (byte === NEW_LINE) lines++;
  const seconds = (performance.now() - start) / 1000;
  return { lines, seconds, weight: await child.call<Weight>('weighed') };
}

function waitingIn(html: string): string[] {
  return [...html.matchAll(/data-panel="([^"]+)"[^>]* data-wait/g)].map(([, name]) => name!);
}

async function askPanels(raw: RawPanels, get: Get, rounds: number): Promise<PanelTimes[]> {
  const panels = COUNTED_PANELS.map((panel) => ({
    panel,
    ours: [] as number[],
    raw: [] as number[],
  }));
  for (let round = -1; round < rounds; round++) {
    await delay(SHARED_MS);
    const now = Date.now();
    const today = Math.floor(now / DAY_MS) * DAY_MS;
    const span: Span = [today - 29 * DAY_MS, now];
    const before: Span = [span[0] - WEEKS_MS, span[1] - WEEKS_MS];
    for (const { panel, ours, raw: byHand } of panels) {
      const start = performance.now();
      await get(`/panel?name=${panel}&${RANGE}`);
      const middle = performance.now();
      raw.ask(panel, span, before);
      if (round < 0) continue;
      ours.push(middle - start);
      byHand.push(performance.now() - middle);
    }
  }
  return panels;
}
