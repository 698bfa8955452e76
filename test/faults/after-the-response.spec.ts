import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { UsageRecord, UsageStorage } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

const REQUESTS = 100;

onPlatforms('the work of delivery on $name', (start) => {
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
    const { usage, fetch } = await start({
      track: {
        storages: [storage],
        storeTimeout: 50,
        anonymize: (record) => {
          look('anonymize', record);
          return record;
        },
      },
      configure: (app) => {
        const server = app.getHttpServer() as Server;
        server.on('request', ({ url, socket }: IncomingMessage, response: ServerResponse) => {
          const isOut = () => response.writableFinished && socket.writableLength === 0;
          responses.set(url!, { isOut });
        });
      },
    });
    const ids = Array.from({ length: REQUESTS }, (_, id) => String(id));
    await Promise.all(
      ids.map(async (id) => expect(await (await fetch(`/cats/${id}`)).json()).toEqual({ id })),
    );
    expect(await usage.flush()).toBe(true);
    expect(calls).toBeGreaterThanOrEqual(3 * REQUESTS);
    expect(early).toEqual([]);
  });
});
