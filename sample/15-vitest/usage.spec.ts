import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TrackUsageModule, UsageService } from 'nestjs-track-usage';
import { makeRecord, MemoryStorage } from 'nestjs-track-usage/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatsController } from './cats.controller.js';

describe('the usage of cats', () => {
  let app: INestApplication;
  let storage: MemoryStorage;

  beforeEach(async () => {
    storage = new MemoryStorage();
    const module = await Test.createTestingModule({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
      controllers: [CatsController],
    }).compile();
    app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => app.close());

  it('has a record of each request', async () => {
    await fetch(`${await app.getUrl()}/cats/7`);

    const usage = app.get(UsageService);
    await usage.flush(); // until all that was answered is stored
    expect(await usage.getUsage()).toMatchObject([
      { route: '/cats/:id', viewArgs: { id: '7' }, status: 200 },
    ]);
  });

  it('is reported from made records, without requests', async () => {
    await storage.store([
      makeRecord({ route: '/cats/:id', status: 200 }),
      makeRecord({ route: '/cats/:id', status: 500 }),
    ]);

    const { totals } = await app.get(UsageService).report({ metrics: ['hits', 'errors'] });
    expect(totals).toMatchObject({ hits: 2, errors: 1 });
  });
});
