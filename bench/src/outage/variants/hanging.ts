import { storageDown } from './storage-down.js';

export const variant = storageDown('storage that never answers', 'BENCH_HANGING_PORT');
