import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import type { RedisConnection, RedisReply } from './connection/redis-connection.js';
import type { RedisKeys } from './format/redis-keys.js';
import { redisScript, type RedisScript } from './format/redis-script.js';

/**
 * A process deletes old salts itself. Where none is left to do so, they expire after a day and the
 * time by which clocks may differ.
 */
const SALT_LIFETIME_MS = 26 * 3_600_000;
/** Stands before the zone of sums that are being cut anew. */
const INCOMPLETE = '~';

/** All values of a hash, each after its name. KEYS: the hash. */
const READ = redisScript(`return redis.call('HGETALL', KEYS[1])`);

/**
 * Notes a date, unless a later one is noted; on a server that is full too, as what gives memory
 * back is noted first. KEYS: the hash. ARGV: kind, milliseconds.
 */
const NOTE_LATER = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(known) < tonumber(ARGV[2]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 'OK'
`);

/**
 * Notes one text under some names, on a server that is full too. KEYS: the hash. ARGV: the text,
 * the names.
 */
const NOTE = redisScript(`
for i = 2, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
end
return 'OK'
`);

/**
 * The salt of a day, kept if there is none. KEYS: the hash. ARGV: day, salt, milliseconds after
 * which all is gone.
 */
const TAKE_SALT = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return ARGV[2]
`);

/** Deletes the salts of the days before. KEYS: the hash. ARGV: the day. */
const FORGET_SALTS = redisScript(`
for _, day in ipairs(redis.call('HKEYS', KEYS[1])) do
  if day < ARGV[1] then redis.call('HDEL', KEYS[1], day) end
end
return 'OK'
`);

/** Pruned watermarks, the zones of sums and daily salts: hashes of a few values by name. */
export class NamedValues {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  /** Notes that data of a kind is gone from before an instant. */
  async notePruned(kind: keyof PrunedUntil, before: number): Promise<void> {
    await this.run(NOTE_LATER, this.keys.pruned, kind, String(before));
  }

  async readPruned(): Promise<PrunedUntil> {
    const noted = await this.read(this.keys.pruned);
    return Object.fromEntries(noted.map(([kind, before]) => [kind, Number(before)]));
  }

  /** Notes the zone that the sums of some dimensions are cut in. */
  async noteZone(dimensions: readonly string[], { zone, isComplete }: NotedZone): Promise<void> {
    await this.run(NOTE, this.keys.zones, isComplete ? zone : INCOMPLETE + zone, ...dimensions);
  }

  async readZones(): Promise<Map<string, NotedZone>> {
    const noted = await this.read(this.keys.zones);
    return new Map(
      noted.map(([dimension, text]) => {
        const isComplete = !text.startsWith(INCOMPLETE);
        return [dimension, { zone: isComplete ? text : text.slice(INCOMPLETE.length), isComplete }];
      }),
    );
  }

  /** The salt of a day that all processes share: the stored one, or else the proposed one. */
  async dailySalt(day: string, proposed: string): Promise<string> {
    const { salts } = this.keys;
    return String(await this.run(TAKE_SALT, salts, day, proposed, String(SALT_LIFETIME_MS)));
  }

  /** Deletes the salts of the days before. */
  async forgetDailySalts(before: string): Promise<void> {
    await this.run(FORGET_SALTS, this.keys.salts, before);
  }

  private async read(key: string): Promise<(readonly [name: string, value: string])[]> {
    const reply = ((await this.run(READ, key)) as readonly RedisReply[]).map(String);
    return reply.flatMap((name, at) => (at % 2 === 0 ? [[name, reply[at + 1]!] as const] : []));
  }

  private run(script: RedisScript, key: string, ...args: string[]): Promise<RedisReply> {
    return this.connection.run(script, [key], args);
  }
}
