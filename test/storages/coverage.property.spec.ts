import fc from 'fast-check';
import {
  MemoryStorage,
  sumGeo,
  sumStatuses,
  sumUrls,
  type SummaryHook,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecord } from 'nestjs-track-usage/testing';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { completeBuckets, type CoverageQuery } from '../../lib/storages/base/coverage.js';
import type { MemoryRecords } from '../../lib/storages/memory/memory-records.js';
import { sumIncrements } from '../../lib/storages/sql/summaries/sum-mapper.js';
import {
  BucketCalendar,
  keyOf,
  summariesOf,
  Summarizer,
  SUMMARY_PERIODS,
  unmeasured,
  type BucketSpan,
  type SummaryTable,
  type SummaryPeriod,
} from '../../lib/summary/index.js';
import { partsOf } from '../faults/parts-of-storage.js';
import { propertyRuns } from '../support/property-runs.js';

const HOUR = 3_600_000;
/** Five hours before a month ends, so that some days are of one month and some of the next. */
const START = Date.UTC(2026, 0, 31, 19);
const HOURS = 40;
const END = START + HOURS * HOUR;
const ZONES = ['UTC', 'Asia/Kolkata', 'America/New_York'];
const HOOKS = [sumUrls, sumStatuses, sumGeo] as const;
const USERS = ['ada', 'bob', null];

type Hooks = readonly SummaryHook[];

/** What happens at a place, one after the other. Numbers choose among what there is. */
type Event =
  | { readonly kind: 'open'; readonly hooks: Hooks }
  | { readonly kind: 'close'; readonly which: number }
  | { readonly kind: 'store'; readonly which: number; readonly records: readonly Hit[] }
  | { readonly kind: 'released'; readonly hooks: Hooks; readonly records: readonly Hit[] }
  | { readonly kind: 'rebuild'; readonly which: number; readonly from: number; readonly to: number }
  | { readonly kind: 'prune'; readonly what: 'records' | SummaryPeriod; readonly hour: number }
  | { readonly kind: 'forget'; readonly which: number; readonly user: string };

interface Hit {
  readonly hour: number;
  readonly url: number;
  readonly status: number;
  readonly user: number;
  readonly weight: number;
}

const hit = fc.record({
  hour: fc.nat(HOURS - 1),
  url: fc.nat(3),
  status: fc.constantFrom(200, 404, 500),
  user: fc.nat(2),
  weight: fc.integer({ min: 1, max: 3 }),
});
const hits = fc.array(hit, { minLength: 1, maxLength: 6 });
const which = fc.nat();
const hour = fc.nat(HOURS);

const store = fc.record({ kind: fc.constant('store'), which, records: hits });
const close = fc.record({ kind: fc.constant('close'), which });
const rebuild = fc.record({ kind: fc.constant('rebuild'), which, from: hour, to: hour });
const prune = fc.record({
  kind: fc.constant('prune'),
  what: fc.constantFrom('records', 'hour', 'day', 'month'),
  hour,
});
const forget = fc.record({
  kind: fc.constant('forget'),
  which,
  user: fc.constantFrom('ada', 'bob'),
});
const open = (hooks: fc.Arbitrary<Hooks>) => fc.record({ kind: fc.constant('open'), hooks });
/** Those that some processes keep: always the first, if any. */
const someHooks = fc.subarray(HOOKS.slice(1)).map((others) => [sumUrls, ...others]);
const released = fc.record({ kind: fc.constant('released'), hooks: someHooks, records: hits });

const history = (...kinds: fc.Arbitrary<object>[]) =>
  fc.array(fc.oneof(...kinds) as fc.Arbitrary<Event>, { minLength: 1, maxLength: 25 });

/** Several processes on one database, or one process that opens its memory again and again. */
type Backend = 'SQLite' | 'memory';

/** A place where sums are kept, the processes there, and what they have really stored. */
class Place {
  readonly calendar: BucketCalendar;
  /** Every record, and the periods whose sums no longer count it because it was forgotten. */
  readonly stored: { record: UsageRecord; forgotten: Set<SummaryPeriod>; isGone: boolean }[] = [];
  readonly pruned: Partial<Record<'records' | SummaryPeriod, number>> = {};
  private processes: { storage: UsageStorage; hooks: Hooks }[] = [];
  private readonly memory = new MemoryStorage();

  private constructor(
    private readonly dataSource: DataSource | null,
    private readonly timeZone: string,
  ) {
    this.calendar = new BucketCalendar(timeZone);
  }

  static async make(backend: Backend, timeZone: string): Promise<Place> {
    const options = { type: 'better-sqlite3', database: ':memory:' } as const;
    const isShared = backend === 'SQLite';
    return new Place(isShared ? await new DataSource(options).initialize() : null, timeZone);
  }

  async open(hooks: Hooks): Promise<Required<UsageStorage>> {
    const { dataSource, memory } = this;
    const storage = dataSource ? new SqlStorage({ dataSource, hooks }) : memory;
    await storage.open({
      logger: { log() {}, warn() {}, error() {} },
      summaries: summariesOf(hooks),
      timeZone: this.timeZone,
      maxKeys: 100,
    });
    if (!dataSource) this.processes = [];
    this.processes.push({ storage, hooks });
    return storage as unknown as Required<UsageStorage>;
  }

  async happen(event: Event): Promise<void> {
    const process = 'which' in event ? this.choose(event.which) : undefined;
    switch (event.kind) {
      case 'open':
        await this.open(event.hooks);
        return;
      case 'close':
        if (process) this.processes.splice(this.processes.indexOf(process), 1);
        return process?.storage.close?.();
      case 'store': {
        const records = event.records.map(recordOf);
        if (process) this.keep(records);
        return process?.storage.store(records);
      }
      case 'released':
        return this.storeReleased(event.hooks, event.records.map(recordOf));
      case 'rebuild': {
        const [from, to] = [Math.min(event.from, event.to), Math.max(event.from, event.to)];
        return process?.storage.rebuildSummaries?.({
          ...(from > 0 && { startDate: new Date(START + from * HOUR) }),
          ...(to < HOURS && { endDate: new Date(START + to * HOUR) }),
        });
      }
      case 'prune': {
        const [pruning] = this.processes;
        if (!pruning) return;
        const date = START + event.hour * HOUR;
        this.pruned[event.what] = Math.max(this.pruned[event.what] ?? date, date);
        for (const each of this.stored)
          if (event.what === 'records' && each.record.date.getTime() < date) each.isGone = true;
        await pruning.storage.prune?.({ [event.what]: new Date(date) });
        return;
      }
      case 'forget':
        if (!process) return;
        this.erase(event.user);
        await process.storage.forget?.({ username: event.user });
    }
  }

  /** As version 0.1.0 stores: without the later measures, and without the count of records. */
  private async storeReleased(hooks: Hooks, records: UsageRecord[]): Promise<void> {
    this.keep(records);
    const summarizer = new Summarizer({ summaries: hooks, timeZone: this.timeZone });
    const counts = (some: readonly UsageRecord[]) => summarizer.summarize(some).map(unmeasured);
    if (!this.dataSource) {
      const { records: all } = this.memory as unknown as { records: MemoryRecords };
      const { table } = partsOf(this.memory).sums as unknown as { table: SummaryTable };
      table.add(counts(all.freshOf(records)));
      return all.add(records);
    }
    const storage = new SqlStorage({ dataSource: this.dataSource });
    const { timeZone } = this;
    const logger = { log() {}, warn() {}, error() {} };
    await storage.open({ logger, summaries: [], timeZone, maxKeys: 100 });
    const increments = (some: readonly UsageRecord[]) => sumIncrements(counts(some));
    await Object.assign(partsOf(storage).writer, { increments }).store(records);
    await storage.close();
  }

  private keep(records: readonly UsageRecord[]): void {
    for (const record of records) this.stored.push({ record, forgotten: new Set(), isGone: false });
  }

  private erase(user: string): void {
    for (const each of this.stored) {
      if (each.record.username !== user || each.isGone) continue;
      each.isGone = true;
      // Sums whose records have been pruned in part stay as they are.
      for (const period of SUMMARY_PERIODS)
        if (
          this.calendar.start(period, each.record.date.getTime()) >=
          (this.pruned.records ?? -Infinity)
        )
          each.forgotten.add(period);
    }
  }

  private choose(which: number) {
    return this.processes[which % Math.max(this.processes.length, 1)];
  }

  /** What a summary should count in each bucket, by its kind of measure. */
  expected(hook: SummaryHook, period: SummaryPeriod): Map<number, Record<string, number>> {
    const buckets = new Map<number, Record<string, number>>();
    for (const { record, forgotten } of this.stored) {
      if (forgotten.has(period)) continue;
      const bucket = this.calendar.start(period, record.date.getTime());
      if (!buckets.has(bucket)) buckets.set(bucket, {});
      const counts = buckets.get(bucket)!;
      const key = keyOf(hook.key(record)) ?? '';
      counts[key] = (counts[key] ?? 0) + record.weight;
    }
    return buckets;
  }

  async assertNothingWrong(): Promise<void> {
    for (const { storage, hooks } of this.processes)
      for (const hook of hooks)
        for (const period of SUMMARY_PERIODS)
          for (const needs of ['all', 'format1'] as const)
            await this.assertComplete(storage, hook, { ...everything(hook, period), needs });
  }

  private async assertComplete(storage: UsageStorage, hook: SummaryHook, query: CoverageQuery) {
    const parts = partsOf(storage);
    const spans = await completeBuckets(parts, query);
    const { period, summary: dimension } = query;
    const expected = this.expected(hook, period);
    const found = new Map<number, Record<string, number>>();
    const ranges = spans.map(({ start, end }) => ({ first: start, last: end - 1 }));
    for await (const rows of parts.sums.scan({ dimension, period, ranges, withLatency: false }))
      for (const { bucket, key, counts } of rows) {
        if (query.needs === 'all') expect(counts.measured).toBe(counts.hits);
        if (!found.has(bucket)) found.set(bucket, {});
        found.get(bucket)![key] = counts.hits;
      }
    const claimed = [...expected].filter(([bucket]) =>
      spans.some(({ start, end }) => start <= bucket && bucket < end),
    );
    expect(sortedEntries(found)).toEqual(sortedEntries(new Map(claimed)));
  }

  async assertAllComplete(storage: UsageStorage): Promise<void> {
    for (const hook of HOOKS)
      for (const period of SUMMARY_PERIODS) {
        const complete = await completeBuckets(partsOf(storage), everything(hook, period));
        expect(complete).toEqual(unpruned(this, period));
      }
  }

  async remove(): Promise<void> {
    for (const { storage } of this.processes) await storage.close?.();
    await this.dataSource?.destroy();
  }
}

function everything(hook: SummaryHook, period: SummaryPeriod): CoverageQuery {
  return { summary: hook.dimension, period, first: START, last: END - 1, needs: 'all' };
}

function recordOf({ hour, url, status, user, weight }: Hit): UsageRecord {
  return makeRecord({
    date: new Date(START + hour * HOUR + url * 1000),
    url: `http://shop.example/${url}`,
    status,
    weight,
    username: USERS[user]!,
  });
}

function sortedEntries(counts: ReadonlyMap<number, Record<string, number>>) {
  return [...counts].sort(([a], [b]) => a - b);
}

const anyHooks = fc.oneof(someHooks, fc.constant<Hooks>([]));
const zones = fc.constantFrom(...ZONES);

/** Plays histories, and asserts what is true at their ends. */
async function holds(
  backend: Backend,
  runs: number,
  events: fc.Arbitrary<Event[]>,
  assert: (place: Place) => Promise<void>,
): Promise<void> {
  const play = async (zone: string, history: readonly Event[]) => {
    const place = await Place.make(backend, zone);
    try {
      for (const event of history) await place.happen(event);
      await assert(place);
    } finally {
      await place.remove();
    }
  };
  await fc.assert(fc.asyncProperty(zones, events, play), { numRuns: propertyRuns(runs) });
}

describe.each([
  ['memory', 10],
  ['SQLite', 1],
] as const)('Sums in %s are taken for complete', (backend, times) => {
  const timeout = 120_000;

  it('never where they are not, however hooks and processes change', { timeout }, async () => {
    const mixed = history(open(anyHooks), close, store, store, released, rebuild, prune, forget);
    await holds(backend, 25 * times, mixed, async (place) => {
      await place.assertNothingWrong();
      await place.open(HOOKS);
      await place.assertNothingWrong();
    });
  });

  it('everywhere, where all processes have kept them from the beginning', { timeout }, async () => {
    const orderly = history(open(fc.constant<Hooks>(HOOKS)), store, store, rebuild, prune, forget);
    const fromTheBeginning = orderly.map<Event[]>((events) => [
      { kind: 'open', hooks: HOOKS },
      ...events,
    ]);
    await holds(backend, 10 * times, fromTheBeginning, async (place) => {
      await place.assertAllComplete(await place.open(HOOKS));
      await place.assertNothingWrong();
    });
  });

  it('everywhere, once they are rebuilt from all records', { timeout }, async () => {
    const mixed = history(open(anyHooks), close, store, store, released, rebuild, forget);
    await holds(backend, 10 * times, mixed, async (place) => {
      const storage = await place.open(HOOKS);
      await storage.rebuildSummaries();
      await place.assertAllComplete(storage);
      await place.assertNothingWrong();
    });
  });
});

/** All buckets that have not been pruned, as one span. */
function unpruned({ calendar, pruned }: Place, period: SummaryPeriod): BucketSpan[] {
  const start = Math.max(
    calendar.start(period, START),
    pruned[period] === undefined ? -Infinity : calendar.start(period, pruned[period]),
  );
  const { end } = calendar.bucket(period, END - 1);
  return start < end ? [{ start, end }] : [];
}
