import { Redis, type ChainableCommander } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { incrementsOf, type Increment } from '../ingest/increments.js';
import type { UsageRecord } from 'nestjs-track-usage';
import type { Database, RawSide, RouteQuestion } from './database.js';

const VARIABLE = 'TRACK_USAGE_TEST_REDIS_URL';
const url = () => process.env[VARIABLE]!;
const PAGE = 500;

export const database: Database = {
  title: 'Redis',
  variable: VARIABLE,
  raw: 'ioredis: one MULTI of plain commands for each batch, the same keys, members and fields, with a field for each slot of latency',
  storage: (_scratch, { recordTable }, hooks) =>
    new RedisStorage({ url: url(), keyPrefix: recordTable, hooks }),

  async openRaw(_scratch, { recordTable }): Promise<RawSide> {
    const client = new Redis(url());
    const base = `{${recordTable}}:`;
    const [records, texts] = [`${base}records`, `${base}texts`];
    const read = async (from: number, count: number) => {
      const ids = await client.zrevrange(records, from, from + count - 1);
      return ids.length === 0 ? [] : client.hmget(texts, ...ids);
    };
    return {
      async write(batch, withSums) {
        const all = client.multi();
        addRecords(all, base, batch);
        if (withSums) for (const row of incrementsOf(batch)) addRow(all, base, row);
        await all.exec();
      },
      page: (limit, offset) => read(offset, limit),
      async *stream() {
        for (let at = 0; ; at += PAGE) {
          const found = await read(at, PAGE);
          if (found.length === 0) return;
          yield* found;
        }
      },
      async sums(period, first, last, limit) {
        const found: unknown[] = [];
        const index = `${base}buckets:${period}:url`;
        for (const bucket of await client.zrevrangebyscore(index, last, first)) {
          const keys = await client.zrange(`${base}keys:${period}:${bucket}:url`, 0, -1);
          const some = client.pipeline();
          for (const key of keys.slice(0, limit - found.length))
            some.hgetall(`${base}sums:${period}:${bucket}:url ${key}`);
          found.push(...((await some.exec()) ?? []));
          if (found.length >= limit) break;
        }
        return found;
      },
      byRoute: (question) => byRoute(client, records, texts, question),
      count: () => client.zcard(records),
      close: async () => void (await client.quit()),
    };
  },

  async bytes({ recordTable }) {
    const client = new Redis(url());
    let bytes = 0;
    for await (const keys of client.scanStream({ match: `{${recordTable}}:*`, count: 1000 }))
      for (const size of await Promise.all(
        (keys as string[]).map((key) => client.memory('USAGE', key)),
      ))
        bytes += Number(size);
    await client.quit();
    return bytes;
  },

  async drop(_scratch, { recordTable }) {
    const client = new Redis(url());
    for await (const keys of client.scanStream({ match: `{${recordTable}}:*`, count: 1000 }))
      if ((keys as string[]).length > 0) await client.unlink(...(keys as string[]));
    await client.quit();
  },
};

function addRecords(all: ChainableCommander, base: string, batch: readonly UsageRecord[]): void {
  const dated: (string | number)[] = [];
  const texted: string[] = [];
  const indexes = new Map<string, (string | number)[]>();
  for (const record of batch) {
    const { id, date, route, remoteAddr, status } = record;
    const member = [date.getTime(), id];
    dated.push(...member);
    texted.push(id, textOf(record));
    const values = [`route "${route}"`, `remoteAddr "${remoteAddr}"`];
    if (status >= 400) values.push(`status ${status}`);
    for (const value of values) {
      const members = indexes.get(value);
      if (members) members.push(...member);
      else indexes.set(value, member);
    }
  }
  all.zadd(`${base}records`, ...dated);
  all.hset(`${base}texts`, ...texted);
  for (const [value, members] of indexes) all.zadd(`${base}by:${value}`, ...members);
}

// The storage leaves out what is null as well.
function textOf({ id: _id, date, ...record }: UsageRecord): string {
  return JSON.stringify({ date: date.getTime(), ...record }, (_name, value: unknown) =>
    value === null ? undefined : value,
  );
}

function addRow(all: ChainableCommander, base: string, row: Increment): void {
  const { dimension, period, date, key, hits, firstSeen, lastSeen, latency, ...added } = row;
  const bucket = `${period}:${date}:${dimension}`;
  const sums = `${base}sums:${bucket} ${key}`;
  all.zadd(`${base}buckets:${period}:${dimension}`, date, String(date));
  all.zincrby(`${base}keys:${bucket}`, -hits, key);
  all.hincrby(sums, 'hits', hits);
  for (const [name, count] of Object.entries(added)) if (count > 0) all.hincrby(sums, name, count);
  // Plain commands know no minimum and no maximum: both are written over.
  all.hset(sums, 'firstSeen', firstSeen, 'lastSeen', lastSeen);
  for (const [slot, count] of latency) all.hincrby(sums, String(slot), count);
}

// Redis cannot group: the records of the span are read and counted here. A text is lines of some
// fields, then JSON of the rest.
async function byRoute(
  client: Redis,
  records: string,
  texts: string,
  { platform, first, last, limit }: RouteQuestion,
): Promise<unknown[]> {
  const groups = new Map<string, { hits: number; errors: number }>();
  const ids = await client.zrangebyscore(records, first, last);
  for (let at = 0; at < ids.length; at += PAGE) {
    for (const text of await client.hmget(texts, ...ids.slice(at, at + PAGE))) {
      const rest = JSON.parse(text!.slice(text!.lastIndexOf('\n') + 1)) as UsageRecord;
      if (rest.userAgent.platform !== platform) continue;
      const [, method, route, , , status] = text!.split('\n', 6).map((line) => line.split(' ')[1]);
      const id = `${method} ${route} ${status}`;
      let group = groups.get(id);
      if (!group) groups.set(id, (group = { hits: 0, errors: 0 }));
      group.hits++;
      if (Number(status) >= 500) group.errors++;
    }
  }
  return [...groups].sort(([, a], [, b]) => b.hits - a.hits).slice(0, limit);
}
