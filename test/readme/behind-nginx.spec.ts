import { Logger, type INestApplication } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleOf } from '../support/applications.js';
import { startNginx, type RunningNginx } from '../support/nginx.js';
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
    let proxy: RunningNginx;
    let saysWhoAsked: number;
    let passesOn: number;
    beforeAll(async () => {
      app = await lines[name](Shop);
      await app.listen(0, PROXY);
      const { port } = app.getHttpServer().address() as AddressInfo;
      proxy = await startNginx(nginx, serversTo(port));
      [saysWhoAsked, passesOn] = proxy.ports as [number, number];
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
      expect(await recordOf(saysWhoAsked, {})).toMatchObject({
        remoteAddr: CLIENT,
        url: 'https://shop.example/cats',
        xForwardedFor: CLIENT,
        status: 200,
      });
    });

    it('the client is still that one where it forges what nginx adds to', async () => {
      expect(await recordOf(saysWhoAsked, FORGED)).toMatchObject({
        remoteAddr: CLIENT,
        url: 'https://shop.example/cats',
        xForwardedFor: `203.0.113.66, ${CLIENT}`,
      });
    });

    it('a forwarded protocol that is none of HTTP is not believed', async () => {
      expect(await recordOf(passesOn, FORGED)).toMatchObject({
        remoteAddr: '203.0.113.66',
        url: 'http://evil.example/cats',
      });
      expect(await recordOf(passesOn, { ...FORGED, 'x-forwarded-for': 'unknown' })).toMatchObject({
        remoteAddr: PROXY,
        xForwardedFor: 'unknown',
      });
    });
  });
});

/** Servers: one that says who asked it, as HTTPS does that ends there; one that passes headers on. */
const serversTo = (to: number): string[] => [
  `location / {
    proxy_pass http://${PROXY}:${to};
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header X-Forwarded-Host $http_host;
  }`,
  `location / { proxy_pass http://${PROXY}:${to}; }`,
];

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
