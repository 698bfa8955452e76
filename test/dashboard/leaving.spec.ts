import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DashboardSite } from '../../lib/dashboard/site/dashboard-site.js';
import { onPlatforms, type TestApp } from '../support/applications.js';
import { memory } from './shop.js';

onPlatforms('Who leaves a dashboard on $name', (start) => {
  afterEach(() => vi.useRealTimers());

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

  it('ends its stream at once, although rows were being sent', async () => {
    const { app } = await open();
    await app.memory().store([makeRecord({ date: new Date() })]);
    const tab = new AbortController();
    const { body } = await app.app.get(DashboardSite).answer({
      name: 'live',
      query: new URLSearchParams(),
      base: '',
      origin: app.url,
      signal: tab.signal,
    });
    const events = body as AsyncGenerator<string>;
    await events.next();
    expect((await events.next()).value).toMatch(/^id: /);
    // No clock goes on, so that the stream cannot wait for anything.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    tab.abort();
    expect((await events.next()).done).toBe(true);
  });

  describe('does not keep the application from closing', () => {
    // A connection that waits for its next request now does so for ever, as browsers would have it.
    async function openForEver() {
      const opened = await open();
      opened.app.app.getHttpServer().keepAliveTimeout = 0;
      return opened;
    }

    const get = (url: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        http.get(url, { agent: new http.Agent({ keepAlive: true }) }, resolve).on('error', reject);
      });

    it('with a live page, although no clock goes on', async () => {
      const { app } = await openForEver();
      const live = await get(`${app.url}/usage/live`);
      const ended = text(live);
      vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
      await app.close();
      vi.useRealTimers();
      expect(await ended).toMatch(/^retry: /);
    });

    it('for a second longer than without one', async () => {
      const { app } = await openForEver();
      const { app: alone } = await openForEver();
      const live = await get(`${app.url}/usage/live`);
      const ended = text(live);
      const began = performance.now();
      const timed = ({ close }: TestApp) => close().then(() => performance.now() - began);
      // Both at once, so that a busy machine delays both.
      const [took, tookAlone] = await Promise.all([timed(app), timed(alone)]);
      expect(took - tookAlone).toBeLessThan(1000);
      await ended;
    });

    it('with a page and a panel that are under way', async () => {
      const { app, signals } = await openForEver();
      const panel = get(`${app.url}/usage/panel?name=by-country`);
      await vi.waitFor(() => expect(signals).toHaveLength(1), 20_000);
      const page = await get(`${app.url}/usage?whole=1`);
      const [shown] = await Promise.all([text(page), app.close()]);
      expect(shown).toContain('</html>');
      expect((await panel).statusCode).toBe(503);
    });

    it('with a connection that a browser has opened in advance', async () => {
      const { app } = await openForEver();
      const unused = connect(app.port, '127.0.0.1');
      await once(unused, 'connect');
      // The server has it as well.
      await app.fetch('/usage/style.css');
      const ended = once(unused.resume(), 'close');
      await app.close();
      await ended;
    });
  });
});
