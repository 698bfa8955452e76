import { createHash } from 'node:crypto';

/** A Lua script, and the digest under which a server caches it. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

/**
 * A script that must work on a full server (`maxmemory`, `noeviction`) has to write first with a
 * command that only frees memory, even of a key that does not exist. Every version of Redis rejects
 * commands that may take memory until the script has written once, and does not check again after
 * that. Only scripts that free memory, or need a few bytes to do so, use this. Storing is rejected,
 * and the records wait.
 */
export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Lua for commands with more arguments than Lua's stack can hold. `each(list, f)` calls `f` with up
 * to 1,000 arguments at a time. Their number is even if the list's length is.
 */
export const EACH = `
local function each(list, f)
  for from = 1, #list, 1000 do f(unpack(list, from, math.min(from + 999, #list))) end
end
`;
