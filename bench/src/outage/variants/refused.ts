import { storageDown } from './storage-down.js';

export const variant = storageDown('storage that refuses connections', 'BENCH_REFUSING_PORT');
