import { refusals } from './cases/refusals.js';
import { conform } from './support/conform.js';

conform(refusals);
