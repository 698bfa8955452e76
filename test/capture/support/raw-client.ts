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
    while (this.bytes.toString('latin1').split(text).length <= times) {
      if (this.socket.closed)
        throw new Error(`The connection ended before ${text}:\n${this.bytes}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
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
