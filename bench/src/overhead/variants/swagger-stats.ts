import swaggerStats from 'swagger-stats';
import type { Variant } from '../variant.js';

export const variant: Variant = {
  title: 'swagger-stats',
  keeps: 'counters in memory',
  // Its plug-in is for a Fastify of long ago.
  platforms: ['express'],
  configure(app) {
    app.use(swaggerStats.getMiddleware({ name: 'cats', version: '1.0' }));
  },
  check(_app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const { all } = swaggerStats.getCoreStats() as { all: { responses: number } };
    return all.responses === total ? [] : [`of ${total} requests ${all.responses} were counted`];
  },
};
