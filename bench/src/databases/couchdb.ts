import nano from 'nano';
import type { UsageRecord } from 'nestjs-track-usage';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { countsOf } from '../ingest/increments.js';
import type { Database, RawSide } from './database.js';

const VARIABLE = 'TRACK_USAGE_TEST_COUCHDB_URL';
const url = () => process.env[VARIABLE]!;
const PAGE = 500;
// Buckets are counted back from the last instant, in text, so that the newest come first.
const LAST_INSTANT = 8.64e15;
const textOf = (bucket: number) => String(LAST_INSTANT - bucket).padStart(17, '0');

type DateKey = readonly [date: number, id: string];

export const database: Database = {
  title: 'CouchDB',
  variable: VARIABLE,
  raw: 'nano: one _bulk_docs for each batch of the same documents; their sums are views, which the server builds when they are read, whoever wrote',
  mostRecords: 10_000,
  storage: (_scratch, { recordTable }, hooks) =>
    new CouchDbStorage({ url: url(), database: recordTable, hooks }),

  async openRaw(_scratch, { recordTable }): Promise<RawSide> {
    const db = nano(url()).use<object>(recordTable);
    const designs = await db.list({ startkey: '_design/', endkey: '_design0' });
    const design = (name: string) =>
      designs.rows.find(({ id }) => id.includes(name))!.id.slice('_design/'.length);
    const [records, sums] = [design('records-'), design('sums-')];
    const newest = { descending: true, reduce: false, include_docs: true };
    return {
      async write(batch, withSums) {
        await db.bulk({ docs: batch.map((record) => documentOf(record, withSums)) });
      },
      page: async (limit, skip) =>
        (await db.view(records, 'by_date', { ...newest, limit, skip })).rows,
      async *stream() {
        let from: DateKey | undefined;
        for (;;) {
          const behind = from && { start_key: from, skip: 1 };
          const { rows } = await db.view(records, 'by_date', { ...newest, ...behind, limit: PAGE });
          yield* rows;
          if (rows.length < PAGE) return;
          from = rows.at(-1)!.key as unknown as DateKey;
        }
      },
      async sums(period, first, last, limit) {
        const { rows } = await db.view(sums, 'by_bucket', {
          startkey: ['url', period, textOf(last)],
          endkey: ['url', period, textOf(first), {}],
          group_level: 4,
          limit,
        });
        return rows;
      },
      count: async () => (await db.info()).doc_count - designs.rows.length,
      close: async () => {},
    };
  },

  // The views are built when they are read, and have files of their own.
  async settle(storage) {
    await storage.getUsage!({ limit: 1 });
    await storage.getSum?.('url', { limit: 1 }).catch(() => {});
  },

  async bytes({ recordTable }) {
    const db = nano(url()).use(recordTable);
    const file = ({ sizes }: object & { sizes?: { file: number } }) => sizes!.file;
    let bytes = file(await db.info());
    const designs = await db.list({ startkey: '_design/', endkey: '_design0' });
    for (const { id } of designs.rows) {
      const info = (await nano(url()).request({ db: recordTable, path: `${id}/_info` })) as {
        view_index: { sizes: { file: number } };
      };
      bytes += file(info.view_index);
    }
    return bytes;
  },

  async drop(_scratch, { recordTable }) {
    await nano(url()).db.destroy(recordTable);
  },
};

function documentOf(record: UsageRecord, withSums: boolean): object {
  const { id, date, ...fields } = record;
  return {
    _id: id,
    kind: 'usage',
    date: date.getTime(),
    record: fields,
    ...(withSums && { sums: sumsOf(record) }),
  };
}

function sumsOf(record: UsageRecord): object {
  const { dates, keys, hits, transfer, errors, duration, slot, ...later } = countsOf(record);
  return {
    ...dates,
    counts: [hits, transfer, errors, duration, later.measured, later.refused, later.aborted],
    slot,
    keys: Object.fromEntries(
      Object.entries(keys).map(([dimension, key]) => [dimension, Buffer.from(key).toString('hex')]),
    ),
  };
}
