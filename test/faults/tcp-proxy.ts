import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Whether what a client sends asks the server to commit. */
export type CommitTest = (sent: Buffer) => boolean;

/** Stands between a client and a real server, and breaks what it is told to break. */
export class TcpProxy {
  /** Answers that were given and never forwarded. */
  lostAnswers = 0;
  /** Connections that were accepted. */
  connections = 0;
  /** Where set: the answer to such a request is lost, and its connection with it. */
  losesAnswerTo: CommitTest | null = null;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private server: Server;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    private port = 0,
  ) {
    this.server = this.createServer();
  }

  /** @param url Address of the server. */
  static async before(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    await proxy.accept();
    return proxy;
  }

  /** The same address, but by way of the proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.port = String(this.port);
    return changed.href;
  }

  /** Breaks every connection that there is. */
  cut(): void {
    for (const pair of this.pairs) this.destroy(pair);
  }

  /** Breaks every connection, and takes no new one. */
  async refuse(): Promise<void> {
    const { server } = this;
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  /** Takes connections (again). */
  async accept(): Promise<void> {
    if (this.server.listening) return;
    this.server = this.createServer();
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    ({ port: this.port } = this.server.address() as AddressInfo);
  }

  private createServer(): Server {
    return createServer((client) => this.connect(client));
  }

  private connect(client: Socket): void {
    this.connections++;
    const server = connect(this.target);
    const pair = [client, server] as const;
    this.pairs.add(pair);
    let awaitsAnswer = false;
    client.on('data', (sent) => {
      // One request at a time: the next that the server says is the answer to this one.
      if (this.losesAnswerTo?.(sent)) awaitsAnswer = true;
      server.write(sent);
    });
    server.on('data', (answer) => {
      if (awaitsAnswer) {
        this.lostAnswers++;
        this.destroy(pair);
      } else client.write(answer);
    });
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => this.destroy(pair));
      socket.on('close', () => this.destroy(pair));
    }
  }

  private destroy(pair: readonly [Socket, Socket]): void {
    this.pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}
