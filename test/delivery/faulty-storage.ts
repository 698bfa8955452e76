import type {
  StorageOptions,
  UsageHookFunction,
  UsageRecord,
  UsageStorage,
} from 'nestjs-track-usage';

/**
 * What one call of `store` does. `fail`: an error that says nothing of its cause. `cut`: the
 * connection broke before anything was stored. `lose`: everything is stored, and the answer lost.
 */
export type Fault = 'none' | 'fail' | 'cut' | 'throw' | 'reject-oddly' | 'lose' | 'hang';

/** What is said of a record that is refused. */
export const REFUSAL = 'a value is out of range';

/** A storage that does what it is told to, and keeps what a database would have kept. */
export class FaultyStorage implements UsageStorage {
  /** Ids in the order in which they were first stored. */
  readonly order: string[] = [];
  /** Size of every call, in order. */
  readonly calls: number[] = [];
  fault: (call: number) => Fault = () => 'none';
  refuses: (record: UsageRecord) => boolean = () => false;
  options: StorageOptions & { hooks?: UsageHookFunction[] } = {};
  private readonly kept = new Set<string>();

  constructor(readonly name = 'faulty') {}

  get size(): number {
    return this.kept.size;
  }

  has(record: UsageRecord): boolean {
    return this.kept.has(record.id);
  }

  store(records: readonly UsageRecord[]): Promise<void> {
    const fault = this.fault(this.calls.push(records.length));
    if (fault === 'throw') throw new Error('thrown at once');
    if (fault === 'hang') return new Promise(() => undefined);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    if (fault === 'reject-oddly') return Promise.reject(undefined);
    if (fault === 'cut') return Promise.reject(connectionReset());
    if (fault === 'fail') return Promise.reject(new Error('the store is down'));
    if (records.some((record) => this.refuses(record))) return Promise.reject(new Error(REFUSAL));
    for (const { id } of records)
      if (!this.kept.has(id)) {
        this.kept.add(id);
        this.order.push(id);
      }
    return fault === 'lose' ? Promise.reject(connectionReset()) : Promise.resolve();
  }
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
