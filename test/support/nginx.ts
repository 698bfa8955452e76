import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const HOST = '127.0.0.1';
const TEMP = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface RunningNginx {
  /** Of its first server. */
  readonly url: string;
  /** Of its servers, in their order. */
  readonly ports: readonly number[];
  /** Its folder, in which paths of its configuration begin. It is gone once nginx has stopped. */
  readonly home: string;
  stop(): Promise<void>;
}

/**
 * Starts nginx on free ports of the loopback interface.
 *
 * @param nginx Path of the program.
 * @param servers What stands in the block of each server.
 * @param http What stands before them: how it logs.
 */
export async function startNginx(
  nginx: string,
  servers: readonly string[],
  http = 'access_log off;',
): Promise<RunningNginx> {
  const home = await mkdtemp(join(tmpdir(), 'track-usage-nginx-'));
  await mkdir(join(home, 'temp'));
  const ports: number[] = [];
  for (const _ of servers) ports.push(await freePort());
  const blocks = servers.map((server, at) => `server { listen ${HOST}:${ports[at]}; ${server} }`);
  await writeFile(
    join(home, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
    events { worker_connections 64; }
    http {
      ${http}
      ${TEMP.map((kind) => `${kind}_temp_path temp/${kind};`).join(' ')}
      ${blocks.join('\n')}
    }`,
  );
  const child = spawn(nginx, ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  for (const port of ports) await listening(child, port);
  return {
    url: `http://${HOST}:${ports[0]}`,
    ports,
    home,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
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
