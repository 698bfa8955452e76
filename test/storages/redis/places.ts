import { Redis } from 'ioredis';

/** Deletes all keys of a prefix. */
export async function removeKeys(client: Redis, prefix: string): Promise<void> {
  const stream = client.scanStream({ match: `{${prefix}}:*`, count: 1000 });
  for await (const keys of stream as AsyncIterable<string[]>)
    if (keys.length > 0) await client.unlink(keys);
}
