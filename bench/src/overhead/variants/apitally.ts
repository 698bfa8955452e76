import { useApitally } from 'apitally/nestjs';
import type { Variant } from '../variant.js';

// Its service is played by the bench, in another process: APITALLY_HUB_BASE_URL says where.
export const variant: Variant = {
  title: 'apitally',
  keeps: 'counters, sent to its service once a minute',
  async configure(app) {
    const clientId = '76b5cb91-a0a4-4ea0-a894-57d2b9fcb2c9';
    await useApitally(app as never, { clientId, env: 'bench' });
  },
};
