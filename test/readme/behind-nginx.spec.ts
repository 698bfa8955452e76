import { Logger, type INestApplication } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleOf } from '../support/applications.js';
import { describeWithProgram } from '../support/programs.js';
import { readSnippets, writeSnippets } from './snippets.js';

const folder = new URL('.snippets/behind-a-proxy/', import.meta.url);
const PROXY = '127.0.0.1';
/** All of 127.0.0.0/8 is this machine, so that a client can have an address of its own. */
const CLIENT = '127.0.0.2';
const FORGED = {
  'x-forwarded-for': '203.0.113.66',
  'x-forwarded-proto': 'ftp',
  'x-forwarded-host': 'evil.example',
};

const Shop = moduleOf({ track: { mode: 'include' } });

describeWithProgram(['nginx'], 'Behind a real nginx, by the manual’s lines', (nginx) => {
  let lines: Record<'onExpress' | 'onFastify', (module: unknown) => Promise<INestApplication>>;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    const snippets = (await readSnippets()).filter(({ name }) => name === 'behind-a-proxy.ts');
    await writeSnippets(snippets, folder);
    lines = await import(/* @vite-ignore */ `${folder.href}behind-a-proxy.ts`);
  });

  describe.each(['onExpress', 'onFastify'] as const)('%s', (name) => {
    let app: INestApplication;
    let port: number;
    let proxy: RunningProxy;
    beforeAll(async () => {
      app = await lines[name](Shop);
      await app.listen(0, PROXY);
      ({ port } = app.getHttpServer().address() as AddressInfo);
      proxy = await startProxy(nginx, port);
    });
    afterAll(async () => {
      await proxy?.stop();
      await app?.close();
    });

    async function recordOf(to: number, headers: Record<string, string>) {
      const usage = app.get(UsageService);
      const before = await usage.countUsage();
      await ask(to, headers);
      expect(await usage.flush()).toBe(true);
      const records = await usage.getUsage();
      expect(records).toHaveLength(before + 1);
      return records[0];
    }

    it('the client is the one that asked nginx', async () => {
      expect(await recordOf(proxy.port, {})).toMatchObject({
        remoteAddr: CLIENT,
        url: 'https://shop.example/cats',
        xForwardedFor: CLIENT,
        status: 200,
      });
    });

    it('the client is still that one where it forges what nginx adds to', async () => {
      expect(await recordOf(proxy.port, FORGED)).toMatchObject({
        remoteAddr: CLIENT,
        url: 'https://shop.example/cats',
        xForwardedFor: `203.0.113.66, ${CLIENT}`,
      });
    });

    it('a forwarded protocol that is none of HTTP is not believed', async () => {
      expect(await recordOf(proxy.portThatPassesOn, FORGED)).toMatchObject({
        remoteAddr: '203.0.113.66',
        url: 'http://evil.example/cats',
      });
      expect(
        await recordOf(proxy.portThatPassesOn, { ...FORGED, 'x-forwarded-for': 'unknown' }),
      ).toMatchObject({ remoteAddr: PROXY, xForwardedFor: 'unknown' });
    });
  });
});

interface RunningProxy {
  /** Of a server that says who asked it, as HTTPS does that ends there. */
  readonly port: number;
  /** Of one that passes headers on as they came. */
  readonly portThatPassesOn: number;
  stop(): Promise<void>;
}

async function startProxy(nginx: string, to: number): Promise<RunningProxy> {
  const home = await mkdtemp(join(tmpdir(), 'track-usage-nginx-'));
  await mkdir(join(home, 'temp'));
  const [port, portThatPassesOn] = [await freePort(), await freePort()];
  await writeFile(
    join(home, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
    events { worker_connections 64; }
    http {
      access_log off;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path temp/${kind};`).join(' ')}
      server {
        listen ${PROXY}:${port};
        location / {
          proxy_pass http://${PROXY}:${to};
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto https;
          proxy_set_header X-Forwarded-Host $http_host;
        }
      }
      server {
        listen ${PROXY}:${portThatPassesOn};
        location / { proxy_pass http://${PROXY}:${to}; }
      }
    }`,
  );
  const child = spawn(nginx, ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  await listening(child, portThatPassesOn);
  return {
    port,
    portThatPassesOn,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, PROXY);
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
    const socket = connect(port, PROXY);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function ask(port: number, headers: Record<string, string>): Promise<void> {
  const sent = request({
    host: PROXY,
    port,
    localAddress: CLIENT,
    path: '/cats',
    headers: { host: 'shop.example', ...headers },
  }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'close');
}
