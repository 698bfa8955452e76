/** The compiled script of the thread that writes. */
export const workerFile = new URL('./sqlite-writer.worker.js', import.meta.url);
