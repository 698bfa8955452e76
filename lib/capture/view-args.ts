import type { RequestArgs } from '../record/index.js';
import { setOwn } from '../record/index.js';

/** What Nest calls a wildcard that was declared without a name. */
const UNNAMED_WILDCARD = 'path';

/**
 * Copies a router's parameters, the same from every router: what a wildcard matched is one string
 * with its slashes, under `path` where it has no name, and left out where it matched nothing.
 */
export function viewArgsOf(params: unknown): RequestArgs {
  const args: RequestArgs = {};
  if (typeof params !== 'object' || params === null) return args;
  for (const name in params) {
    const value = (params as Record<string, unknown>)[name];
    if (value === undefined) continue;
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- routers give strings
    const text = Array.isArray(value) ? value.join('/') : String(value);
    if (name !== '*') setOwn<RequestArgs[string]>(args, name, text);
    else if (text !== '') args[UNNAMED_WILDCARD] = text;
  }
  return args;
}
