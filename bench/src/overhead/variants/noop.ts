import type { Variant } from '../variant.js';

export const variant: Variant = {
  title: 'no-op interceptor',
  keeps: 'nothing',
  configure(app) {
    app.useGlobalInterceptors({ intercept: (_context, next) => next.handle() });
  },
};
