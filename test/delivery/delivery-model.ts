// Its own assertions, since those of the runner cost more than all that is asserted.
import assert from 'node:assert/strict';
import { vi } from 'vitest';
import type { DeliveryOptions, UsageRecord } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { FaultyStorage, REFUSAL } from './faulty-storage.js';
import { countsOf, startDelivery } from './start-delivery.js';

const MAX_PENDING = 100;

/** How often what the sequences are to reach was reached. */
export interface Reached {
  refused: number;
  overflow: number;
  shutdown: number;
  lateFlushes: number;
}

/** One of the storages, and what was told of it. */
class Side {
  readonly storage: FaultyStorage;
  /** What its hook was called with. */
  readonly hooked: UsageRecord[] = [];
  readonly buried: { record: UsageRecord; error: unknown }[] = [];

  constructor(name: string) {
    this.storage = new FaultyStorage(name);
    this.storage.options = {
      hooks: [(record) => void this.hooked.push(record)],
      deadLetter: (record, error) => void this.buried.push({ record, error }),
    };
  }

  /** Of these records, those that are neither known to be stored nor handed back. */
  unaccounted(records: readonly UsageRecord[]): number {
    const known = new Set([...this.hooked, ...this.buried.map(({ record }) => record)]);
    return records.filter((record) => !known.has(record)).length;
  }
}

/** Delivery to two storages, and what must be true of it at every moment. */
export class DeliveryModel {
  private readonly sides = [new Side('first'), new Side('second')] as const;
  private readonly sent: UsageRecord[] = [];
  private readonly poison = new Set<UsageRecord>();
  private readonly flushes: Promise<void>[] = [];
  private lateFlushes = 0;
  private readonly started;

  constructor(options: Pick<DeliveryOptions, 'batchSize' | 'shutdownTimeout'>) {
    for (const { storage } of this.sides) storage.refuses = (record) => this.poison.has(record);
    this.started = startDelivery(
      this.sides.map(({ storage }) => storage),
      { ...options, flushInterval: 100, maxPending: MAX_PENDING, storeTimeout: 500 },
    );
  }

  get storages(): readonly [FaultyStorage, FaultyStorage] {
    return [this.sides[0].storage, this.sides[1].storage];
  }

  /** @param poison Places of records that the storages refuse. */
  record(count: number, poison: readonly number[]): void {
    const records = makeRecords(count);
    for (const place of poison) {
      const record = records[place];
      if (record) this.poison.add(record);
    }
    for (const record of records) {
      this.sent.push(record);
      this.started.delivery.record(record, null);
    }
  }

  /** A flush whose answer is checked when it comes. */
  flush(timeout: number): void {
    const { delivery } = this.started;
    const before = [...this.sent];
    const begun = performance.now();
    const check = (done: boolean) => {
      const took = performance.now() - begun;
      const counts = this.sides.map(({ storage }) => countsOf(delivery, storage));
      if (done) {
        assert.ok(took <= timeout);
        this.sides.forEach((side, index) => {
          assert.ok(side.unaccounted(before) <= (counts[index]!.dropped.overflow ?? 0));
          assert.ok(counts[index]!.waiting <= this.sent.length - before.length);
        });
      } else {
        this.lateFlushes++;
        assert.ok(took >= timeout);
        assert.ok(counts.some(({ waiting }) => waiting > 0));
      }
    };
    const checked = delivery.flush(timeout).then(check);
    this.flushes.push(checked);
    // It is waited for at the end.
    checked.catch(() => undefined);
  }

  /** What holds at every moment. */
  check(): void {
    for (const { storage, hooked } of this.sides) {
      const { seen, waiting, stored, inFlight } = countsOf(this.started.delivery, storage);
      assert.equal(seen, this.sent.length);
      assert.ok(waiting <= MAX_PENDING);
      assert.ok(inFlight <= waiting);
      assert.ok(stored <= storage.size);
      assert.equal(hooked.length, stored);
    }
  }

  async close(): Promise<void> {
    let isClosed = false;
    const closed = this.started.delivery.shutdown().then(() => (isClosed = true));
    while (!isClosed) await vi.advanceTimersByTimeAsync(100);
    await closed;
    await Promise.all(this.flushes);
  }

  /** What holds when all is over. */
  checkEnd(): void {
    this.check();
    const acknowledged = new Set<UsageRecord>();
    for (const { storage, hooked, buried } of this.sides) {
      const { waiting, dropped, stored } = countsOf(this.started.delivery, storage);
      const { overflow = 0, refused = 0, shutdown = 0 } = dropped;
      assert.equal(waiting, 0);
      assert.equal(new Set(storage.order).size, storage.order.length);
      for (const record of this.poison) assert.equal(storage.has(record), false);
      for (const record of hooked) {
        assert.ok(storage.has(record));
        acknowledged.add(record);
      }
      const accounted = [...hooked, ...buried.map(({ record }) => record)];
      assert.equal(new Set(accounted).size, accounted.length);
      assert.equal(buried.length, refused + shutdown);
      assert.equal(overflow, this.sent.length - stored - buried.length);
    }
    const { announced } = this.started;
    assert.equal(announced.length, acknowledged.size);
    assert.deepEqual(new Set(announced), acknowledged);
    assert.equal(vi.getTimerCount(), 0);
  }

  checkOrder(): void {
    const place = new Map(this.sent.map(({ id }, index) => [id, index]));
    for (const { storage, hooked } of this.sides)
      for (const ids of [storage.order, hooked.map(({ id }) => id)]) {
        const places = ids.map((id) => place.get(id)!);
        assert.deepEqual(
          places,
          [...places].sort((a, b) => a - b),
        );
      }
  }

  checkOnlyPoisonRefused(): void {
    for (const { buried } of this.sides)
      for (const { record, error } of buried)
        if ((error as Error).message === REFUSAL) assert.ok(this.poison.has(record));
  }

  /** The storages took all that they do not refuse. */
  checkOnlyPoisonLeft(): void {
    for (const { buried } of this.sides)
      for (const { record } of buried) assert.ok(this.poison.has(record));
  }

  addTo(reached: Reached): Reached {
    const sum = { ...reached, lateFlushes: reached.lateFlushes + this.lateFlushes };
    for (const { storage } of this.sides) {
      const { dropped } = countsOf(this.started.delivery, storage);
      for (const reason of ['refused', 'overflow', 'shutdown'] as const)
        sum[reason] += dropped[reason] ?? 0;
    }
    return sum;
  }
}
