import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlite } from '../faults/databases.js';
import { fillPlace, type FilledPlace } from './places.js';
import { runCommand, type CommandResult } from './run-command.js';

describe('serve', () => {
  const ended = new AbortController();
  let place: FilledPlace;
  let running: Promise<CommandResult>;
  let address: string;

  beforeAll(async () => {
    place = await fillPlace(sqlite);
    address = await new Promise<string>((resolve, reject) => {
      running = runCommand(['serve', '--port', '0', ...place.flags], {
        signal: ended.signal,
        onOutput: (text) => resolve(/http:\S+/.exec(text)![0]),
      });
      running.then(({ stderr }) => reject(new Error(stderr)), reject);
    });
  });
  afterAll(async () => {
    await place.remove();
  });

  it('serves the page and its data, with its policy, to this machine', async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<html');
    expect((await fetch(`${address}style.css`)).status).toBe(200);
    const report = await fetch(`${address}report.json?metrics=hits&dimensions=plan&last=520w`);
    expect(await report.json()).toMatchObject({ totals: { hits: 72 } });
    expect((await fetch(`${address}report.json?metrics=hit`)).status).toBe(400);
    expect((await fetch(`${address}%ff`)).status).toBe(400);
  });

  it('refuses other methods, and other names than those of this machine', async () => {
    expect((await fetch(address, { method: 'POST' })).status).toBe(405);
    const status = await new Promise((resolve, reject) => {
      request(address, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('ends when it is told to', async () => {
    ended.abort();
    expect(await running).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(address)).rejects.toThrow();
  });
});
