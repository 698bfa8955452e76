import { mkdtemp, rm } from 'node:fs/promises';
import { request as send } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import axios from 'axios';
import {
  SkipTracking,
  TrackUsage,
  TrackVar,
  type TrackVars,
  type UsageRecord,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onPlatforms, openApp, type TestApp } from '../support/applications.js';
import type { TestPlatform } from '../support/platforms.js';

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get()
  findAll() {
    return [{ name: 'Maru' }];
  }

  @SkipTracking()
  @Get('health')
  health() {
    return 'ok';
  }

  @Get(':id')
  findOne(@Param('id') id: string, @TrackVar() vars: TrackVars) {
    if (id === '404') throw new NotFoundException();
    vars.plan = 'pro';
    return { id };
  }

  @HttpCode(202)
  @Post()
  create(@Body() body: { name: string }) {
    return body;
  }
}

@Controller('dogs')
class DogsController {
  @Get()
  findAll() {
    return [];
  }
}

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

/** Sends just these headers, which no HTTP client of its own accord would. */
function raw(url: string, headers: Record<string, string>, method = 'GET'): Promise<void> {
  return new Promise((resolve, reject) => {
    send(url, { method, headers, agent: false }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

const curl = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  raw(url, { 'user-agent': 'curl/8.5.0', accept: '*/*', ...headers }, method);

async function sendTheTen(url: string): Promise<void> {
  await curl(`${url}/cats`);
  await axios.get(`${url}/cats/7`, { headers: { 'User-Agent': 'axios/1.7.2' } });
  await curl(`${url}/cats/8`, {
    'user-agent': CHROME,
    'accept-language': 'de-CH,de;q=0.9,en;q=0.8',
    referer: 'https://shop.example/start',
  });
  await curl(`${url}/cats`, {
    authorization: `Basic ${Buffer.from('zoë:secret').toString('base64')}`,
  });
  await curl(`${url}/cats`, { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' });
  await curl(`${url}/cats?color=black&color=wh%C3%AEte&sort[by]=age&empty=&flag`);
  await curl(`${url}/cats/404`);
  await curl(`${url}/cats`, {}, 'HEAD');
  await axios.post(`${url}/cats`, { name: 'Félix' }, { headers: { 'User-Agent': 'axios/1.7.2' } });
  await curl(`${url}/cats/9?token=hunter2`, { authorization: 'Bearer hunter2' });
  // These are not tracked.
  await curl(`${url}/cats/health`);
  await curl(`${url}/dogs`);
  await curl(`${url}/nowhere`);
}

/** What each of the ten has in common; the newest comes first. */
function theTen(url: string): Record<string, unknown>[] {
  const library = (string: string) => {
    const [browser, version] = string.split('/');
    return { browser, version, platform: null, language: null, string, kind: 'library' };
  };
  const findAll = {
    url: `${url}/cats`,
    path: '/cats',
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/cats',
    blueprint: 'CatsController',
    handler: 'findAll',
    viewArgs: {},
    urlArgs: {},
    status: 200,
    outcome: 'completed',
    contentLength: 17,
    remoteAddr: '127.0.0.1',
    xForwardedFor: null,
    referrer: null,
    authorization: false,
    username: null,
    userAgent: library('curl/8.5.0'),
    ipInfo: null,
    visitorId: null,
    serverName: hostname(),
    consumer: null,
    consumerGroup: null,
    service: null,
    release: null,
    apiVersion: null,
    traceId: null,
    trackVar: null,
    weight: 1,
  };
  const findOne = (id: string) => ({
    ...findAll,
    url: `${url}/cats/${id}`,
    path: `/cats/${id}`,
    route: '/cats/:id',
    handler: 'findOne',
    viewArgs: { id },
    contentLength: 10,
    trackVar: { plan: 'pro' },
  });
  return [
    findAll,
    { ...findOne('7'), userAgent: library('axios/1.7.2') },
    {
      ...findOne('8'),
      referrer: 'https://shop.example/start',
      userAgent: {
        browser: 'Chrome',
        version: '126.0.0.0',
        platform: 'Windows',
        language: 'de-CH',
        string: CHROME,
        kind: 'browser',
      },
    },
    { ...findAll, authorization: true, username: 'zoë' },
    { ...findAll, xForwardedFor: '203.0.113.9, 10.0.0.1' },
    {
      ...findAll,
      url: `${url}/cats?color=black&color=wh%C3%AEte&sort[by]=age&empty=&flag`,
      urlArgs: { color: ['black', 'whîte'], 'sort[by]': 'age', empty: '', flag: '' },
    },
    { ...findOne('404'), status: 404, trackVar: null, contentLength: 40 },
    { ...findAll, method: 'HEAD', contentLength: 0 },
    {
      ...findAll,
      method: 'POST',
      handler: 'create',
      status: 202,
      contentLength: 17,
      userAgent: library('axios/1.7.2'),
    },
    {
      ...findOne('9'),
      url: `${url}/cats/9?token=[redacted]`,
      urlArgs: { token: '[redacted]' },
      authorization: true,
    },
  ].reverse();
}

onPlatforms('ten requests on $name', (_, platform) => {
  let folder: string;
  let app: TestApp;
  let url: string;
  let records: UsageRecord[];
  let begin: Date;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'track-usage-'));
    app = await open(platform, folder);
    ({ url } = app);
    begin = new Date();
    await sendTheTen(url);
    expect(await app.usage.flush()).toBe(true);
    records = await app.usage.getUsage();
  });

  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it('come back with every field right, newest first', () => {
    const rest = records.map(({ id: _id, date: _date, speed: _speed, ...fields }) => fields);
    expect(rest).toEqual(theTen(url));
  });

  it('have ids, dates and durations of their own', () => {
    const ids = records.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    for (const { id, date, speed } of records) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(date).toBeInstanceOf(Date);
      expect(date >= begin && date <= new Date()).toBe(true);
      expect(speed).toBeGreaterThan(0);
      expect(speed).toBeLessThan(20);
      expect(speed).toBe(Math.round(speed * 1e6) / 1e6);
    }
  });

  it('are counted and streamed alike', async () => {
    const { usage } = app;
    expect(await usage.countUsage()).toBe(10);
    expect(await usage.countUsage({ where: { status: 404 } })).toBe(1);
    const streamed: UsageRecord[] = [];
    for await (const record of usage.streamUsage()) streamed.push(record);
    expect(streamed).toEqual(records);
  });

  it('are there after a restart', async () => {
    await app.close();
    app = await open(platform, folder);
    expect(await app.usage.getUsage()).toEqual(records);
  });
});

function open(platform: TestPlatform, folder: string): Promise<TestApp> {
  return openApp(platform, {
    track: { storages: [new SqlStorage({ database: join(folder, 'usage.sqlite') })] },
    controllers: [CatsController, DogsController],
  });
}
