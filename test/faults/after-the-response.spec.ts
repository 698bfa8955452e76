import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Controller, Get, Module, Param } from '@nestjs/common';
import {
  TrackUsage,
  TrackUsageModule,
  UsageService,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { describe, expect, it } from 'vitest';
import { platforms, startApp } from '../support/platforms.js';

const REQUESTS = 100;

@TrackUsage()
@Controller('cats')
class CatsController {
  @Get(':id') findOne(@Param('id') id: string) {
    return { id };
  }
}

describe.each(platforms)('the work of delivery on $name', (platform) => {
  it('begins when the response has been handed over to the last byte, however soon a record is due', async () => {
    const responses = new Map<string, { isOut: () => boolean }>();
    const early: string[] = [];
    let calls = 0;
    const look = (step: string, { path }: UsageRecord) => {
      calls++;
      if (!responses.get(path)!.isOut()) early.push(`${step} ${path}`);
    };
    const storage: UsageStorage & { hooks?: unknown } = {
      name: 'watching',
      options: { batchSize: 1, hooks: [(record) => look('hook', record)] },
      store(records) {
        for (const record of records) look('store', record);
        // It never answers to some: the others go on.
        return calls % 50 === 0 ? new Promise(() => undefined) : Promise.resolve();
      },
    };
    @Module({
      imports: [
        TrackUsageModule.forRoot({
          storages: [storage],
          storeTimeout: 50,
          anonymize: (record) => {
            look('anonymize', record);
            return record;
          },
        }),
      ],
      controllers: [CatsController],
    })
    class AppModule {}
    const { app, url } = await startApp(AppModule, platform, (app) => {
      const server = app.getHttpServer() as Server;
      server.on('request', ({ url, socket }: IncomingMessage, response: ServerResponse) => {
        const isOut = () => response.writableFinished && socket.writableLength === 0;
        responses.set(url!, { isOut });
      });
    });
    const ids = Array.from({ length: REQUESTS }, (_, id) => String(id));
    await Promise.all(
      ids.map(async (id) =>
        expect(await (await fetch(`${url}/cats/${id}`)).json()).toEqual({ id }),
      ),
    );
    expect(await app.get(UsageService).flush()).toBe(true);
    expect(calls).toBeGreaterThanOrEqual(3 * REQUESTS);
    expect(early).toEqual([]);
    await app.close();
  });
});
