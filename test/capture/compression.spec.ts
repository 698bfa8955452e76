import { compressed } from './cases/by-hand.js';
import { conform } from './support/conform.js';

conform(compressed);
