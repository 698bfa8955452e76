import { byHand } from './cases/by-hand.js';
import { conform } from './support/conform.js';

conform(byHand);
