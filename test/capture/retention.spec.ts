import { Controller, Get, type INestApplication } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';
import { requestText } from './support/http-text.js';
import { ADAPTERS } from './support/scenario.js';
import { TestApplication } from './support/test-application.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class Session {}

@TrackUsage()
@Controller('cats')
class Cats {
  @Get(':id') one(@TrackVar() vars: TrackVars) {
    vars.session = new Session();
    return 'one cat';
  }
}

describe.each(ADAPTERS)('On %s', (kind) => {
  it('a record keeps no request, no response and nothing that hangs on them', async () => {
    const refs: WeakRef<object>[] = [];
    const application = await TestApplication.start(
      {
        controllers: [Cats],
        options: { username: (request) => request.headers['x-user'] },
        prepare: (app: INestApplication) => {
          app
            .getHttpServer()
            .on('request', (request: IncomingMessage, response: ServerResponse) => {
              refs.push(new WeakRef(request), new WeakRef(response), new WeakRef(request.socket));
            });
        },
      },
      kind,
      { mode: 'include' },
    );
    for (let n = 0; n < 20; n++) {
      await application.client().exchange(requestText(`GET /cats/${n}`, { 'x-user': `user ${n}` }));
    }
    await application.client().exchange(requestText('GET /nowhere'));
    const records = await application.taken();
    expect(records).toHaveLength(21);
    expect(refs).toHaveLength(3 * 21);
    // What the last requests ran in may still be on the stack of the loop.
    for (let n = 0; n < 10 && refs.some((ref) => ref.deref() !== undefined); n++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
    expect(records[0]).toMatchObject({ username: 'user 0' });
    await application.close();
  });
});
