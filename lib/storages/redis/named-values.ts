import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { RedisConnection } from './connection/redis-connection.js';
import type { RedisKeys } from './format/redis-keys.js';
import { NOTE_PRUNED, READ_PRUNED } from './scripts/pruned.script.js';

/** Notes that data of a kind is gone from before an instant. */
export async function notePruned(
  connection: RedisConnection,
  keys: RedisKeys,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  await connection.run(NOTE_PRUNED, [keys.pruned], [kind, String(before)]);
}

export async function readPruned(
  connection: RedisConnection,
  keys: RedisKeys,
): Promise<PrunedUntil> {
  const reply = (await connection.run(READ_PRUNED, [keys.pruned], [])) as readonly string[];
  const pruned: PrunedUntil = {};
  for (let at = 0; at < reply.length; at += 2)
    pruned[reply[at] as keyof PrunedUntil] = Number(reply[at + 1]);
  return pruned;
}
