import type { RedisConnection } from '../connection/redis-connection.js';
import type { RedisKeys } from '../format/redis-keys.js';
import { FORGET_SALTS, TAKE_SALT } from '../scripts/salts.script.js';

/**
 * Milliseconds after which salts go by themselves, where no process is left to delete them: a day,
 * and the time in which clocks may differ.
 */
const LIFETIME = 26 * 3_600_000;

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  connection: RedisConnection,
  keys: RedisKeys,
  day: string,
  proposed: string,
): Promise<string> {
  const args = [day, proposed, String(LIFETIME)];
  return String(await connection.run(TAKE_SALT, [keys.salts], args));
}

/** Deletes the salts of the days before. */
export async function forgetDailySalts(
  connection: RedisConnection,
  keys: RedisKeys,
  before: string,
): Promise<void> {
  await connection.run(FORGET_SALTS, [keys.salts], [before]);
}
