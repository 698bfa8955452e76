#!/usr/bin/env node
import { argv, cwd, env, stderr, stdin, stdout } from 'node:process';
import { runCommandLine } from './main.js';

const ended = new AbortController();
const end = () => {
  // A second time, the process ends at once.
  if (ended.signal.aborted) process.exit(130);
  ended.abort(new Error('The command was ended.'));
};

process.on('SIGINT', end);
process.on('SIGTERM', end);
// `… | head` reads no more: that is no failure.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') ended.abort(error);
    else throw error;
  });

process.exitCode = await runCommandLine(argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  cwd: cwd(),
  signal: ended.signal,
});
