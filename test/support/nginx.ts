import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HOST = '127.0.0.1';
const TEMP = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface RunningNginx {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts nginx on a free port of the loopback interface.
 *
 * @param nginx Path of the program.
 * @param server What stands in the block of its server.
 */
export async function startNginx(nginx: string, server: string): Promise<RunningNginx> {
  const home = await mkdtemp(join(tmpdir(), 'track-usage-nginx-'));
  await mkdir(join(home, 'temp'));
  const port = await freePort();
  await writeFile(
    join(home, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
    events { worker_connections 64; }
    http {
      access_log off;
      ${TEMP.map((kind) => `${kind}_temp_path temp/${kind};`).join(' ')}
      server { listen ${HOST}:${port}; ${server} }
    }`,
  );
  const child = spawn(nginx, ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  await listening(child, port);
  return {
    url: `http://${HOST}:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until nginx takes connections, or says why it does not. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx has ended: ${told}`);
    const socket = connect(port, HOST);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
