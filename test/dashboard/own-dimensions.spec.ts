import {
  MemoryStorage,
  sumRoutes,
  sumStatuses,
  summary,
  UsageQueryError,
  UsageReader,
  type ReportRow,
  type UsageCondition,
  type UsageRecord,
  type UsageWhere,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';
import { contextOf } from '../support/storage-context.js';
import { figures, panel, tile } from './html.js';

declare module 'nestjs-track-usage' {
  interface OwnSummaries {
    tenant: string;
    tier: 'free' | 'pro';
  }
}

const hooks = [sumRoutes, summary('tenant', ({ trackVar }) => trackVar?.['tenant'])];
const records = (): UsageRecord[] =>
  ['acme', 'acme', 'globex', null, '(other)'].map((tenant, at) =>
    makeRecord({
      date: new Date(Date.now() - at * 1000),
      trackVar: { ...(tenant !== null && { tenant }), plan: at % 2 ? 'pro' : 'free' },
    }),
  );

onPlatforms('Dimensions of the application’s own on $name', (start) => {
  async function open() {
    const storage = new MemoryStorage({ hooks });
    const app = await start({
      track: { storages: [storage] },
      imports: [UsageDashboardModule.forRoot({ guards: 'none', dimensions: ['trackVar.plan'] })],
    });
    await storage.store(records());
    return app;
  }

  it('have a panel and a chip each: summaries, and what the option names', async () => {
    const { fetch } = await open();
    const html = await (await fetch('/usage?whole=1')).text();
    expect(figures(panel(html, 'by-tenant'))).toEqual([0.4, 0.2, 0.2, 0.2]);
    expect(figures(panel(html, 'by-trackVar.plan'))).toEqual([0.6, 0.4]);
    for (const name of ['tenant', 'trackVar.plan'])
      expect(html).toContain(`<option>${name}</option>`);
    for (const [filter, hits] of [
      ['tenant=acme', 2],
      ['tenant=null', 1],
      ['tenant=(other)', 1],
      ['tenant.not=acme', 3],
      ['trackVar.plan=pro', 2],
    ] as const) {
      const page = await (await fetch(`/usage?whole=1&where.${filter}`)).text();
      expect([filter, figures(tile(page, 'hits'))]).toEqual([filter, [hits]]);
      expect(page).not.toContain('data-failed');
      expect(page).toContain(`<b>${filter.includes('not') ? 'is not' : 'is'}</b>`);
      const listed = await (await fetch(`/usage/records.json?where.${filter}`)).json();
      expect(listed).toHaveLength(hits);
    }
    expect(panel(html, 'by-tenant')).toMatch(/href="\?where\.tenant=acme[&"]/);
  });

  it('say which hook to add where there is none, and the command that rebuilds', async () => {
    const { fetch } = await open();
    const html = await (await fetch('/usage?whole=1')).text();
    for (const [name, hook] of [
      ['by-trackVar.plan', `sumBy('trackVar.plan', 'status')`],
      ['consumers', 'sumConsumers'],
      ['statuses', `sumBy('route', 'status')`],
      ['clients', 'sumClients'],
    ] as const) {
      const advice = panel(html, name).split('class="advice"')[1]!.replaceAll('&#39;', "'");
      expect(advice).toContain(`<code>${hook}</code>`);
      expect(advice).toContain('npx nestjs-track-usage rebuild');
    }
    for (const name of ['routes', 'by-tenant'])
      expect(panel(html, name)).not.toContain('class="advice"');
  });
});

describe('A filter by a summary of the application’s own', () => {
  it('finds the same records on SQL, and its own sums answer it', async () => {
    const storage = new SqlStorage({ database: ':memory:', hooks: [...hooks, sumStatuses] });
    await storage.open(contextOf([...hooks, sumStatuses]));
    await storage.store(records());
    const where: UsageWhere = { tenant: 'acme' };
    expect(await storage.getUsage({ where })).toHaveLength(2);
    expect(await storage.countUsage({ where: { tenant: { not: 'acme' } } })).toBe(3);
    const { totals } = await storage.report({ dimensions: ['status'], where });
    expect(totals).toEqual({ hits: 2 });
    // @ts-expect-error: no summary of this name is declared.
    await expect(storage.getUsage({ where: { tenants: 'acme' } })).rejects.toThrow(
      /where\.tenants: expected one of the fields/,
    );
    await storage.close();
  });

  it('is known to the compiler by its name and its values', async () => {
    const storage = new MemoryStorage({ hooks });
    await storage.open(contextOf(hooks));
    await storage.store(records());
    // @ts-expect-error: its keys are text.
    await expect(storage.countUsage({ where: { tenant: 1 } })).rejects.toThrow(UsageQueryError);
    const reader = new UsageReader(storage);
    const { rows } = await reader.report({
      dimensions: ['tenant'],
      where: { tenant: ['acme', null] },
    });
    expectTypeOf(rows[0]!.tenant).toEqualTypeOf<string | null>();
    expect(rows.map(({ tenant, hits }) => [tenant, hits])).toEqual([
      ['acme', 2],
      [null, 1],
    ]);
    expectTypeOf<UsageWhere['tier']>().toEqualTypeOf<
      UsageCondition<'free' | 'pro' | null> | undefined
    >();
    type Row = ReportRow<'hits', 'tier', undefined, undefined>;
    expectTypeOf<Row['tier']>().toEqualTypeOf<'free' | 'pro' | '(other)' | null>();
    await storage.close();
  });
});
