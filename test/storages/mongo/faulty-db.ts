import type { Db } from 'mongodb';

/**
 * What becomes of one call. `before`: it does not reach the server. `after`: it is carried out and
 * the answer lost. `late`: the caller is told of a failure, and it is carried out later.
 */
export type CallFault = 'before' | 'after' | 'late';

type Call = () => Promise<unknown>;

/** A database of the driver whose calls can fail one by one. */
export class FaultyDb {
  /** Calls since the last `arm`, by name. */
  readonly calls: string[] = [];
  private faultAt = Infinity;
  private fault: CallFault = 'before';
  private dies = false;
  private isDead = false;
  private late: Call[] = [];

  constructor(private readonly db: Db) {}

  get hasFailed(): boolean {
    return this.calls.length > this.faultAt;
  }

  /** The call of that number, from 0, fails; with `dies`, and all after it do. */
  arm(faultAt: number, fault: CallFault, dies = false): void {
    this.calls.length = 0;
    this.faultAt = faultAt;
    this.fault = fault;
    this.dies = dies;
  }

  disarm(): void {
    this.faultAt = Infinity;
  }

  /** Carries out what is late. */
  async release(): Promise<void> {
    for (const call of this.late.splice(0)) await call().catch(() => {});
  }

  /** The database as storages see it. */
  get faulty(): Db {
    return this.wrapped(this.db, { collection: (name: string) => this.collection(name) });
  }

  private collection(name: string): object {
    const collection = this.db.collection(name);
    return this.wrapped(collection, {
      aggregate: (...args: Parameters<typeof collection.aggregate>) => {
        const cursor = collection.aggregate(...args);
        const toArray = cursor.toArray.bind(cursor);
        cursor.toArray = () => this.run(`${name}.aggregate`, toArray) as ReturnType<typeof toArray>;
        return cursor;
      },
      find: (...args: Parameters<typeof collection.find>) => {
        const cursor = collection.find(...args);
        const toArray = cursor.toArray.bind(cursor);
        cursor.toArray = () => this.run(`${name}.find`, toArray) as ReturnType<typeof toArray>;
        return cursor;
      },
    });
  }

  private wrapped<T extends object>(target: T, own: object): T {
    return new Proxy(target, {
      get: (object, property) => {
        if (property in own) return own[property as never];
        const value: unknown = Reflect.get(object, property, object);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          this.run(String(property), () => value.apply(object, args) as Promise<unknown>);
      },
    });
  }

  private async run(name: string, call: Call): Promise<unknown> {
    if (this.isDead) throw lost();
    const number = this.calls.push(name) - 1;
    if (number !== this.faultAt) return call();
    if (this.dies) this.isDead = true;
    if (this.fault === 'after') await call();
    if (this.fault === 'late') this.late.push(call);
    throw lost();
  }
}

function lost(): Error {
  return Object.assign(new Error('connection lost'), { name: 'MongoNetworkError' });
}
