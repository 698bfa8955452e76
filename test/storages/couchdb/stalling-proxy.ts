import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes requests on to a server of CouchDB, or leaves those for views without an answer. */
export class StallingProxy {
  stalls = false;
  /** Requests that are left without an answer, and whose client has not gone away. */
  waiting = 0;
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer((asked, answer) => this.pass(asked, answer));
  }

  /** @param url Address of the server, with its credentials. */
  static async start(url: string): Promise<StallingProxy> {
    const proxy = new StallingProxy(new URL(url));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Address of the proxy, with the credentials of the server. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    if (this.stalls && asked.url!.includes('/_view/')) {
      this.waiting++;
      answer.once('close', () => this.waiting--);
      return;
    }
    const { method, headers, url: path } = asked;
    const { hostname: host, port } = this.target;
    const passed = request({ host, port, method, headers, path }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      answered.pipe(answer);
    });
    passed.once('error', () => answer.destroy());
    asked.pipe(passed);
  }
}
