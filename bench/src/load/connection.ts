import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /content-length: *(\d+)/i;

/**
 * One keep-alive connection with one request under way at a time. It reads of HTTP what the
 * servers here answer with, and no more: a client that took as much CPU as the server under load
 * would measure itself.
 */
export class Connection {
  private readonly socket: Socket;
  private rest: Buffer | null = null;
  private closed = false;
  private answered: ((status: number) => void) | null = null;

  private constructor(port: number, onFault: (error: Error) => void) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    this.socket.on('error', onFault);
    this.socket.on('close', () => {
      if (!this.closed) onFault(new Error('The server closed a connection.'));
    });
  }

  static async open(port: number, onFault: (error: Error) => void): Promise<Connection> {
    const connection = new Connection(port, onFault);
    await new Promise<void>((resolve) => connection.socket.once('connect', resolve));
    return connection;
  }

  send(request: Buffer, answered: (status: number) => void): void {
    this.answered = answered;
    this.socket.write(request);
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    const all = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    const headEnd = all.indexOf(HEAD_END);
    const length = headEnd < 0 ? null : LENGTH.exec(all.toString('latin1', 0, headEnd));
    if (headEnd >= 0 && !length) throw new Error('A response came without Content-Length.');
    if (length === null || all.length < headEnd + HEAD_END.length + Number(length[1])) {
      this.rest = all;
      return;
    }
    this.rest = null;
    const { answered } = this;
    this.answered = null;
    answered?.(Number(all.toString('latin1', 9, 12)));
  }
}
