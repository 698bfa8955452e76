import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { FORMAT, OLDEST_FORMAT } from '../../lib/storages/base/format.js';
import type { UsageStorage } from 'nestjs-track-usage';
import { makeRecords, type StorageSubject, type TestTools } from 'nestjs-track-usage/testing';
import { partsOf } from '../faults/parts-of-storage.js';
import { contextOf } from '../support/storage-context.js';

const NAMES = ['format', 'oldest'];
const NEWER = FORMAT + 1;

/** What each of our storages does about the format of what is stored. */
export function formatContract(tools: TestTools, name: string, subject: StorageSubject): void {
  const { describe, it, afterEach } = tools;
  describe(`${name}: the format of what is stored`, () => {
    let storages: UsageStorage[] = [];
    let place = '';

    afterEach(async () => {
      for (const storage of storages) await storage.close?.();
      storages = [];
      await subject.remove?.(place);
    });

    async function open(): Promise<UsageStorage> {
      const storage = await subject.create(place, {});
      await storage.open?.(contextOf([], { maxKeys: 100 }));
      storages.push(storage);
      return storage;
    }

    async function openNoted(format: number, oldest: number): Promise<UsageStorage> {
      place = `f${randomBytes(6).toString('hex')}`;
      const { values } = partsOf(await open());
      await values.raise('format', 'format', format);
      await values.raise('format', 'oldest', oldest);
      return open();
    }

    it('is noted, with the oldest one that may still write there', async () => {
      const storage = await openNoted(FORMAT, OLDEST_FORMAT);
      expect(await noted(storage)).toEqual([FORMAT, OLDEST_FORMAT]);
    });

    it('may be a newer one that allows this one: records are stored, and the note stays', async () => {
      const storage = await openNoted(NEWER + 5, FORMAT);
      await storage.store(makeRecords(3));
      expect(await storage.countUsage?.()).toBe(3);
      expect(await noted(storage)).toEqual([NEWER + 5, FORMAT]);
    });

    it('stops the start where only newer ones may write', async () => {
      await expect(openNoted(NEWER, NEWER)).rejects.toThrow(
        new RegExp(`was written by a newer version.*format ${NEWER} or newer.*Install the newer`),
      );
    });
  });
}

async function noted(storage: UsageStorage): Promise<number[]> {
  const values = await partsOf(storage).values.read('format', NAMES);
  return NAMES.map((name) => Number(values.get(name)));
}
