import { timeouts } from './cases/streams.js';
import { conform } from './support/conform.js';

conform(timeouts);
