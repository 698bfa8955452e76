/** Runs one task at a time, in the order in which they are added. */
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

/** The serial queue of a connection. All storages on the connection share it. */
export function queueOf(connection: object): SerialQueue {
  let queue = queues.get(connection);
  if (!queue) queues.set(connection, (queue = new SerialQueue()));
  return queue;
}
