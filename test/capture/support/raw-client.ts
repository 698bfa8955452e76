import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Signals } from './signals.js';

/** Talks to a server in bytes, so that nothing a client library does stands between. */
export class RawClient {
  constructor(
    readonly port: number,
    readonly signals: Signals,
    readonly host = '127.0.0.1',
  ) {}

  async open(): Promise<RawConnection> {
    const socket = connect(this.port, this.host);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends and returns all that comes until the server closes the connection. */
  async exchange(request: string | Buffer): Promise<Buffer> {
    const connection = await this.open();
    connection.send(request);
    return connection.toEnd();
  }
}

export class RawConnection {
  private readonly chunks: Buffer[] = [];
  private readonly ended: Promise<void>;
  private readonly searches = new Map<string, { seen: number; tail: string; found: number }>();
  private length = 0;
  private readonly waiting = new Set<() => void>();

  constructor(readonly socket: Socket) {
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
        this.wake();
      });
    });
    // A reset is an end like any other to a test that counts what came before it.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.wake();
    });
  }

  send(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Resolves when what came holds `text`, `times` times. */
  async until(text: string, times = 1): Promise<void> {
    const search = this.searches.get(text) ?? { seen: 0, tail: '', found: 0 };
    this.searches.set(text, search);
    for (;;) {
      for (; search.seen < this.chunks.length; search.seen++) {
        const parts = (search.tail + this.chunks[search.seen]!.toString('latin1')).split(text);
        search.found += parts.length - 1;
        search.tail = text.length > 1 ? parts.at(-1)!.slice(1 - text.length) : '';
      }
      if (search.found >= times) return;
      await this.more(text);
    }
  }

  /** Resolves when that many bytes have come, heads included. */
  async untilLength(length: number): Promise<void> {
    while (this.length < length) await this.more(`${length} bytes`);
  }

  private async more(awaited: string): Promise<void> {
    if (this.socket.closed) {
      throw new Error(`The connection ended before ${awaited}: ${this.bytes.subarray(0, 2000)}`);
    }
    await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  async toEnd(): Promise<Buffer> {
    await this.ended;
    return this.bytes;
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  async leave(): Promise<Buffer> {
    this.socket.destroy();
    return this.toEnd();
  }
}
