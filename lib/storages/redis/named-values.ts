import { compareKeys } from '../../summary/index.js';
import type { NoteKind } from '../contract/usage-notes.js';
import type { NamedValues, Replacement, ValueKind } from '../base/named-values.js';
import type { RedisConnection, RedisReply } from './connection/redis-connection.js';
import type { RedisKeys } from './format/redis-keys.js';
import { redisScript, type RedisScript } from './format/redis-script.js';

/**
 * How long salts live. A process deletes old salts itself. If no process is left to do so, they
 * expire after a day plus two hours, by which clocks may differ.
 */
const SALT_LIFETIME_MS = 26 * 3_600_000;

// Writing scripts must also work on a full server: pruning, which frees memory, raises its
// watermark first.

/** Reads values. KEYS: the hash. ARGV: names. */
const READ = redisScript(`return redis.call('HMGET', KEYS[1], unpack(ARGV))`);

/** Writes values. KEYS: the hash. ARGV: each name before its value. */
const WRITE = redisScript(`
for i = 1, #ARGV, 2 do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 'OK'
`);

/**
 * Writes a value if the stored one is the expected one. Answers with 1 if it was written, else 0.
 * KEYS: the hash. ARGV: the name; whether a value is expected; that value; the new one;
 * milliseconds after which the hash expires, or nothing.
 */
const REPLACE = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] == '1' then
  if known ~= ARGV[3] then return 0 end
elseif known then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
if ARGV[5] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
return 1
`);

/** Writes a number, unless a greater one is stored. KEYS: the hash. ARGV: name, number. */
const RAISE = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(known) < tonumber(ARGV[2]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 'OK'
`);

/** Returns the names in a hash. KEYS: the hash. */
const NAMES = redisScript(`return redis.call('HKEYS', KEYS[1])`);

/** Returns each name and its value. KEYS: the hash. */
const ALL = redisScript(`return redis.call('HGETALL', KEYS[1])`);

/** Deletes values. KEYS: the hash. ARGV: names. */
const DELETE = redisScript(`
for _, name in ipairs(ARGV) do redis.call('HDEL', KEYS[1], name) end
return 'OK'
`);

/** Keeps each kind of named values in its own hash. */
export class RedisNamedValues implements NamedValues {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  async read(kind: ValueKind, names: readonly string[]): Promise<Map<string, string>> {
    if (names.length === 0) return new Map();
    const found = (await this.run(READ, kind, names)) as readonly RedisReply[];
    return new Map(
      names.flatMap((name, at) => {
        const value = found[at] ?? null;
        return value === null ? [] : [[name, String(value)] as const];
      }),
    );
  }

  async write(kind: ValueKind, values: ReadonlyMap<string, string>): Promise<void> {
    await this.run(WRITE, kind, [...values].flat());
  }

  async replace(kind: ValueKind, name: string, change: Replacement): Promise<boolean> {
    const { expected, value } = change;
    const known = expected === null ? ['0', ''] : ['1', expected];
    const lifetime = kind === 'salt' ? String(SALT_LIFETIME_MS) : '';
    return Number(await this.run(REPLACE, kind, [name, ...known, value, lifetime])) === 1;
  }

  async raise(kind: ValueKind, name: string, value: number): Promise<void> {
    await this.run(RAISE, kind, [name, String(value)]);
  }

  async deleteBefore(kind: ValueKind, name: string): Promise<void> {
    const names = ((await this.run(NAMES, kind, [])) as readonly RedisReply[]).map(String);
    const old = names.filter((each) => compareKeys(each, name) < 0);
    if (old.length > 0) await this.run(DELETE, kind, old);
  }

  async notes(kind: NoteKind): Promise<Map<string, string>> {
    const found = ((await this.run(ALL, kind, [])) as readonly RedisReply[]).map(String);
    const names = found.filter((_, at) => at % 2 === 0);
    return new Map(names.map((name, at) => [name, found[2 * at + 1]!]));
  }

  async deleteNote(kind: NoteKind, name: string): Promise<void> {
    await this.run(DELETE, kind, [name]);
  }

  private run(script: RedisScript, kind: ValueKind, args: readonly string[]): Promise<RedisReply> {
    return this.connection.run(script, [this.keys.values(kind)], args);
  }
}
