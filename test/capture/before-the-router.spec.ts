import { beforeTheRouter } from './cases/before-the-router.js';
import { conform } from './support/conform.js';

conform(beforeTheRouter);
