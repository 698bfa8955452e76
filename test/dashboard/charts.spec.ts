import type { UsageRecord } from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { panel } from './html.js';
import { memory, shopRecords } from './shop.js';

onPlatforms('A chart on $name', (start, platform) => {
  // What is drawn does not depend on the server.
  const test = it.runIf(platform.name === 'Express');

  async function shown(query: string, records: readonly UsageRecord[], track = {}) {
    const storage = memory();
    const { fetch } = await start({
      track: { storages: [storage], ...track },
      imports: [UsageDashboardModule.forRoot({ guards: 'none' })],
    });
    await storage.store(records);
    return (await fetch(`/usage?whole=1&${query}`)).text();
  }

  /** The labels beside the axes of a panel, one list for each of its charts. */
  const labels = (html: string) =>
    [...html.matchAll(/<svg class="y"[^>]*>(.*?)<\/svg>/gs)].map(([, axis]) =>
      [...axis!.matchAll(/<text[^>]*>([^<]*)</g)].map(([, label]) => label),
    );

  test('has no two labels of one axis that read alike', async () => {
    for (const [hits, speed] of [
      [1, 0.000_04],
      [2, 0.002],
      [3, 0.9],
      [7, 1.3],
    ] as const) {
      const records = Array.from({ length: hits }, () => makeRecord({ date: new Date(), speed }));
      const axes = labels(panel(await shown('range=24h', records), 'traffic'));
      expect(axes).toHaveLength(2);
      for (const axis of axes) expect(new Set(axis).size).toBe(axis.length);
      expect(axes[0]).toEqual(axes[0]!.filter((label) => /^\d+$/.test(label!)));
    }
  });

  test('of shares reaches its top, which is 100 %', async () => {
    const html = panel(await shown('range=7d', shopRecords(300, Date.now())), 'clients');
    expect(labels(html)).toEqual([['0', '50 %', '100 %']]);
    const stacks = html
      .split('<g')
      .slice(1)
      .map((stack) => [...stack.matchAll(/<rect class="c\d"[^>]* height="([\d.]+)"/g)])
      .filter((parts) => parts.length > 0);
    expect(stacks.length).toBeGreaterThan(20);
    for (const parts of stacks) {
      const height = parts.reduce((sum, [, part]) => sum + Number(part), 0);
      expect(Math.abs(height - 260)).toBeLessThan(1);
    }
  });
});
