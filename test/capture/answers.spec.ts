import { answers } from './cases/answers.js';
import { conform } from './support/conform.js';

conform(answers);
