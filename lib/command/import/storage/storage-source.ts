import type { UsageFilter } from '../../../storages/contract/usage-query.js';
import type { UsageRecord } from '../../../record/index.js';
import type { ImportSource, SourceItem } from '../source-item.js';

const PORTION = 500;

/** A storage that records can be read from one after the other. */
export interface ReadableStorage {
  readonly name: string;
  streamUsage(filter?: UsageFilter): AsyncIterable<UsageRecord>;
}

/** All records of another storage of this library, with their ids. */
export class StorageSource implements ImportSource {
  /** @param filter Which records; default: all. */
  constructor(
    private readonly storage: ReadableStorage,
    private readonly filter: UsageFilter = {},
  ) {}

  async *read(signal?: AbortSignal): AsyncIterable<readonly SourceItem[]> {
    let portion: SourceItem[] = [];
    for await (const record of this.storage.streamUsage(this.filter)) {
      portion.push({ kind: 'record', place: `${this.storage.name}:${record.id}`, record });
      if (portion.length < PORTION) continue;
      yield portion;
      portion = [];
      if (signal?.aborted) return;
    }
    yield portion;
  }
}
