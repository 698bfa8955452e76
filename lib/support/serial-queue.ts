/** Runs one piece of work at a time, in the order in which they are given. */
export class SerialQueue {
  private last: Promise<unknown> | null = null;

  async run<T>(work: () => Promise<T>): Promise<T> {
    const before = this.last;
    let done!: () => void;
    const own = (this.last = new Promise<void>((resolve) => (done = resolve)));
    if (before) await before;
    try {
      return await work();
    } finally {
      if (this.last === own) this.last = null;
      done();
    }
  }
}

const queues = new WeakMap<object, SerialQueue>();

/** The queue of all that the library does on one connection, whichever storages do it. */
export function queueOf(connection: object): SerialQueue {
  let queue = queues.get(connection);
  if (!queue) queues.set(connection, (queue = new SerialQueue()));
  return queue;
}
