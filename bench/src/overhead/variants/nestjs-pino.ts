import { RequestMethod } from '@nestjs/common';
import { devNull } from 'node:os';
import { LoggerModule } from 'nestjs-pino';
import { pino } from 'pino';
import type { Variant } from '../variant.js';

const destination = pino.destination({ dest: devNull, sync: true });
let lines = 0;

export const variant: Variant = {
  title: 'nestjs-pino',
  keeps: 'a line of JSON for each request, here to /dev/null',
  modules: () => [
    LoggerModule.forRoot({
      // Its default path matches nothing on Fastify.
      forRoutes: [{ path: '*path', method: RequestMethod.ALL }],
      pinoHttp: {
        stream: {
          write(line: string) {
            lines++;
            destination.write(line);
          },
        },
      },
    }),
  ],
  check(_app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    // One more for its own start is all right.
    return lines >= total ? [] : [`of ${total} requests ${lines} were logged`];
  },
};
