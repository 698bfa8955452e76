import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Clients that send one request after the other, each to a path of its own. */
export class Load {
  /** The paths whose responses have come whole. */
  readonly answered = new Set<string>();
  /**
   * The last path that each client got a response to. It sent another one afterwards, for all but
   * these.
   */
  readonly last = new Set<string>();
  /** When each response had come whole, by `performance.now()`. */
  readonly answeredAt = new Map<string, number>();
  private readonly agent: Agent;
  private next = 0;
  private isOver = false;

  constructor(
    private readonly url: string,
    private readonly clients = 32,
    private readonly prefix = '/cats/',
    /** Requests a second of all clients together, at most. */
    private readonly rate = Infinity,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: clients });
  }

  /** Goes on until so many have been sent, or until the server is there no more. */
  async run(requests = Infinity): Promise<void> {
    const client = async () => {
      let last = '';
      let due = performance.now() + Math.random() * this.spacingMs;
      while (this.next < requests && !this.isOver) {
        if (this.rate < Infinity) await delay(Math.max(0, due - performance.now()));
        due += this.spacingMs;
        const path = `${this.prefix}${this.next++}`;
        await this.request(path);
        if (!this.answered.has(path)) continue;
        this.last.delete(last);
        this.last.add((last = path));
      }
    };
    await Promise.all(Array.from({ length: this.clients }, client));
    this.agent.destroy();
  }

  private get spacingMs(): number {
    return (1000 * this.clients) / this.rate;
  }

  private request(path: string): Promise<void> {
    return new Promise((resolve) => {
      const failed = () => {
        this.isOver = true;
        resolve();
      };
      get(`${this.url}${path}`, { agent: this.agent }, (response) => {
        response.resume();
        response.on('error', failed);
        response.on('end', () => {
          if (response.complete && response.statusCode === 200) {
            this.answered.add(path);
            this.answeredAt.set(path, performance.now());
          }
          resolve();
        });
      }).on('error', failed);
    });
  }
}
