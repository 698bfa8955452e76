import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { expect, it, vi } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { memory } from './shop.js';

onPlatforms('Who leaves a dashboard on $name', (start) => {
  async function open() {
    const storage = memory();
    const app = await start({
      track: { storages: [storage] },
      imports: [UsageDashboardModule.forRoot({ guards: 'none' })],
    });
    const signals: AbortSignal[] = [];
    vi.spyOn(app.memory(), 'report').mockImplementation((query) => {
      const { signal } = query ?? {};
      if (signal) signals.push(signal);
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    return { app, signals };
  }

  it('ends the queries', async () => {
    const { app, signals } = await open();
    const tab = new AbortController();
    const page = fetch(`${app.url}/usage/panel?name=routes`, { signal: tab.signal });
    page.catch(() => undefined);
    await vi.waitFor(() => expect(signals.length).toBeGreaterThan(0), 20_000);
    tab.abort();
    await vi.waitFor(() => expect(signals.every(({ aborted }) => aborted)).toBe(true), 20_000);
  });

  it('ends those of a page that has been answered, once nobody asks for its panels', async () => {
    const { app, signals } = await open();
    await app.fetch('/usage');
    expect(signals.length).toBeGreaterThan(0);
    await vi.waitFor(() => expect(signals.every(({ aborted }) => aborted)).toBe(true), 20_000);
  });

  it('leaves equal queries to the others who ask them, which share them', async () => {
    const { app, signals } = await open();
    // Dates that do not go on, so that the questions are equal.
    const dates = 'start=2026-11-01&end=2026-11-02';
    const tabs = [new AbortController(), new AbortController()];
    const ask = ({ signal }: AbortController) =>
      fetch(`${app.url}/usage/panel?name=by-country&${dates}`, { signal }).catch(() => undefined);
    void ask(tabs[0]!);
    await vi.waitFor(() => expect(signals).toHaveLength(1), 20_000);
    void ask(tabs[1]!);
    // Another question of the second viewer shows that its first has come.
    void fetch(`${app.url}/usage/panel?name=by-server&${dates}`, { signal: tabs[1]!.signal }).catch(
      () => 0,
    );
    await vi.waitFor(() => expect(signals).toHaveLength(2), 20_000);
    tabs[0]!.abort();
    await app.fetch('/usage/style.css');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    tabs[1]!.abort();
    await vi.waitFor(() => expect(signals.every(({ aborted }) => aborted)).toBe(true), 20_000);
  });

  it('does not keep the application from closing', async () => {
    const { app, signals } = await open();
    const panel = fetch(`${app.url}/usage/panel?name=tiles`).then(({ status }) => status);
    const live = await fetch(`${app.url}/usage/live`);
    const reading = live.text().catch(() => 'cut');
    await vi.waitFor(() => expect(signals.length).toBeGreaterThan(0), 20_000);
    const began = performance.now();
    await app.close();
    // What waits for an open connection waits for many seconds.
    expect(performance.now() - began).toBeLessThan(4000);
    expect(await panel.catch(() => 503)).toBe(503);
    await reading;
  });
});
