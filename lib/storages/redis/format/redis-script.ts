import { createHash } from 'node:crypto';

/** A script in Lua, and the digest that a server knows it by once it has run it. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

/**
 * A script that has to work on a server that is full (`maxmemory`, `noeviction`) must begin to write
 * with a command that only gives memory back, be it of something that is not there. All versions of
 * Redis refuse commands that may take memory as long as a script has written nothing, and ask no
 * more once it has. That is for what frees memory or needs a few bytes to do so: storing records is
 * refused, and they wait.
 */
export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Lua for commands that take any number of arguments: Lua's stack does not. `each(list, f)` calls
 * `f` with the arguments of up to 1,000 at a time, always an even number of them.
 */
export const EACH = `
local function each(list, f)
  for from = 1, #list, 1000 do f(unpack(list, from, math.min(from + 999, #list))) end
end
`;
