/**
 * The script of the thread that works on SQLite. It is text, so that it goes wherever this package
 * goes: into a bundle of one file, and through what loads ES modules as CommonJS, such as Jest,
 * where a module cannot know which files lie beside it. The build fills it in
 * (`scripts/build/worker-script.mjs`); null: these are the bare sources.
 */
export const workerScript: string | null = null;
