import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe } from 'vitest';
import { freePort } from '../../support/free-port.js';

/** A server of Redis in a process of its own, on a free port and with a folder of its own. */
export class RedisServer {
  private child: ChildProcess | null = null;
  private readonly folder = mkdtempSync(join(tmpdir(), 'track-usage-redis-'));

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePortOfNode(), settings);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, again if it was killed, and waits until it takes commands. */
  async run(): Promise<void> {
    const places = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    this.child = spawn('redis-server', [...places, '--save', '', ...this.settings], {
      stdio: 'ignore',
    });
    const client = new Redis(this.port, { lazyConnect: true, retryStrategy: () => 20 });
    await new Promise<void>((resolve) => {
      client.on('ready', resolve);
      // Whether it wants a password is not the question here.
      client.on('error', (error) => error.message.startsWith('NOAUTH') && resolve());
      client.connect().catch(() => {});
    });
    client.disconnect();
  }

  /** Ends it without a warning, as a crash does. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Three servers that share the slots of one cluster. */
export async function startCluster(): Promise<RedisServer[]> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000'];
  const servers = await Promise.all([1, 2, 3].map(() => RedisServer.start(...settings)));
  const clients = servers.map(({ port }) => new Redis(port));
  const [first, ...others] = clients;
  const part = Math.ceil(16_384 / servers.length);
  for (const [index, client] of clients.entries())
    await client.cluster('ADDSLOTSRANGE', index * part, Math.min((index + 1) * part, 16_384) - 1);
  for (const [index] of others.entries())
    await first!.cluster('MEET', '127.0.0.1', servers[index + 1]!.port);
  for (const client of clients)
    while (!String(await client.cluster('INFO')).includes('cluster_state:ok'))
      await new Promise((resolve) => setTimeout(resolve, 20));
  for (const client of clients) client.disconnect();
  return servers;
}

/** A group of specs that starts servers itself; skipped, with a line, where there is no binary. */
export function describeWithBinary(title: string, define: () => void): void {
  if (hasBinary()) {
    describe(title, define);
    return;
  }
  if (process.env['CI'] === 'true') throw new Error(`${title}: redis-server is not installed.`);
  describe.skip(`${title} (skipped: install redis-server)`, define);
}

function hasBinary(): boolean {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** A node of a cluster listens 10,000 ports above, too. */
async function freePortOfNode(): Promise<number> {
  const port = await freePort();
  return port + 10_000 < 65_536 ? port : freePortOfNode();
}
