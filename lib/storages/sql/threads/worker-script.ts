/**
 * The script of the SQLite threads. It is text, so that it is part of every bundle, including one
 * of a single file, and works where ES modules are loaded as CommonJS, as in Jest, and a module
 * cannot find the files beside it. The build fills it in (`scripts/build/worker-script.mjs`). It is
 * null in the unbuilt sources.
 */
export const workerScript: string | null = null;
