import { LoggerModule } from 'nestjs-pino';
import type { Variant } from '../variant.js';

export const variant: Variant = {
  title: 'nestjs-pino',
  keeps: 'a line of JSON for each request, here to /dev/null',
  modules: () => [LoggerModule.forRoot()],
};
