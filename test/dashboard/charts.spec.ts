import { MemoryStorage, sumReleases, type UsageRecord } from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { panel, tile } from './html.js';
import { HOOKS, shopRecords } from './shop.js';

/** Noon of a day before today, in the time zone of the module. */
const noon = (daysAgo: number) => {
  const date = new Date(Date.now() - daysAgo * 86_400_000);
  date.setUTCHours(12, 0, 0, 0);
  return date;
};

onPlatforms('A chart on $name', (start, platform) => {
  // What is drawn does not depend on the server.
  const test = it.runIf(platform.name === 'Express');

  async function shown(
    query: string,
    records: readonly UsageRecord[],
    { hooks = HOOKS, ...track }: { hooks?: typeof HOOKS; sampleRate?: number } = {},
  ) {
    const storage = new MemoryStorage({ name: 'memory', hooks });
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

  /** The marks of releases: the label, null if there is no room for it, and what is told at the pointer. */
  const marks = (html: string) =>
    [...html.matchAll(/<g class="mark"><title>([^<]*)<.*?<\/g>/gs)].map(([mark, title]) => ({
      title: title!,
      label: /<text[^>]*>([^<]*)</.exec(mark)?.[1] ?? null,
    }));

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

  test('has one mark for the releases of one bucket, whose label lies on no other', async () => {
    const records = [
      ['1.0.0', 20],
      ['1.1.0', 18],
      ['1.2.0', 3],
      ['1.3.0', 3],
      ['1.4.0', 2],
    ].map(([release, days], at) =>
      makeRecord({ release: String(release), date: new Date(+noon(Number(days)) + at * 1000) }),
    );
    const found = marks(await shown('range=30d', records));
    expect(found.map(({ label }) => label)).toEqual(['1.1.0', null, '1.4.0']);
    expect(found[1]!.title).toMatch(/^release 1\.2\.0, 1\.3\.0, /);
    const two = marks(await shown('range=30d', records.slice(0, 4)));
    expect(two.map(({ label }) => label)).toEqual(['1.1.0', '1.3.0 +1']);
  });

  test('marks where a release first answers, or says that it is first with these filters', async () => {
    const of = (release: string, days: number, consumer: string) =>
      makeRecord({ release, consumer, date: noon(days) });
    const records = [of('1', 9, 'acme'), of('2', 6, 'globex'), of('2', 2, 'acme')];
    const query = 'range=30d&where.consumer=acme';
    const day = (days: number) =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: 'UTC',
        weekday: 'short',
        day: 'numeric',
        month: 'short',
      }).format(noon(days));
    const told = async (asked: string, hooks = HOOKS) =>
      marks(await shown(asked, records, { hooks })).map(({ title }) => title);
    expect(await told('range=30d')).toEqual([`release 2, ${day(6)}`]);
    expect(await told(query, [...HOOKS, sumReleases])).toEqual([`release 2, ${day(6)}`]);
    expect(await told(query)).toEqual([`release 2, first with these filters ${day(2)}`]);
  });

  test('draws a bucket that is not over as one', async () => {
    const records = Array.from({ length: 40 }, (_, at) =>
      makeRecord({ date: new Date(Date.now() - (at >> 1) * 86_400_000), route: '/cats' }),
    );
    const html = await shown('range=7d', records);
    for (const [name, line] of [
      ['tiles', 'stroke'],
      ['traffic', 'p95'],
      ['routes', 'stroke'],
      ['consumers', 'stroke'],
    ]) {
      const drawn = panel(html, name!);
      expect([name, drawn.includes(`class="${line} open"`)]).toEqual([name, true]);
    }
    for (const name of ['traffic', 'clients']) {
      const rows = panel(html, name).split('class="figures"')[1]!.split('<tr').slice(2);
      expect(rows.map((row) => row.includes('(part)'))).toEqual([
        ...rows.slice(1).map(() => false),
        true,
      ]);
      expect(panel(html, name)).toContain('class="k partial"');
    }
    // What is over is drawn as before.
    const past = noon(9).toISOString().slice(0, 10);
    const over = await shown(`start=${past}&end=${noon(2).toISOString().slice(0, 10)}`, records);
    expect(over).not.toMatch(/ open"|\(part\)|k partial/);
  });

  test('shows a value that stands alone between gaps', async () => {
    const html = await shown('range=30d&compare=off', [makeRecord({ date: noon(5), speed: 0.1 })]);
    const [, stroke] = /class="stroke" d="([^"]*)"/.exec(tile(html, 'p95')) ?? [];
    expect(stroke).toMatch(/M[\d.]+,[\d.]+h[1-9]/);
  });

  test('names others only if there are any, in a colour of their own', async () => {
    const of = (count: number) =>
      Array.from({ length: count }, (_, at) =>
        makeRecord({
          date: noon(1),
          userAgent: {
            browser: `Client${at}`,
            version: '1',
            platform: null,
            language: null,
            string: null,
            kind: 'library',
          },
        }),
      );
    const course = async (count: number) =>
      panel(await shown('range=7d', of(count)), 'clients').split('Share over time')[1]!;
    for (const few of [1, 4]) expect(await course(few)).not.toContain('others');
    const many = await course(6);
    expect(many).toMatch(/class="k c4"[^>]*><\/span>others/);
    expect(many).toContain('<rect class="c4"');
  });

  test('marks counts that are estimates of a sample, in its figures and in every table', async () => {
    const html = await shown('range=24h', [makeRecord({ date: new Date(), weight: 2 })], {
      sampleRate: 0.5,
    });
    const counts = (name: string) =>
      [...panel(html, name).matchAll(/<data value="([^"]*)">([^<]*)/g)].map(([, , text]) => text!);
    for (const name of ['routes', 'consumers'])
      expect(counts(name).filter((text) => text.startsWith('~'))).toHaveLength(2);
    const figures = panel(html, 'traffic').split('class="figures"')[1]!;
    for (const row of figures.split('<tr').slice(2))
      expect(row).toMatch(/<data value="\d+">~\d+<\/data>/);
  });

  test('calls nothing new if there was nothing at all before', async () => {
    const of = (consumer: string, days: number) => makeRecord({ consumer, date: noon(days) });
    const first = await shown('range=7d', [of('acme', 1)]);
    expect(first).not.toContain('>new<');
    expect(tile(first, 'hits')).toContain('none before');
    const later = await shown('range=7d', [of('acme', 1), of('globex', 8)]);
    expect(panel(later, 'consumers')).toContain('>new<');
    expect(later).not.toContain('none before');
  });
});
