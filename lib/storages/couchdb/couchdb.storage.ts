import type { UsageRecord } from '../../record/index.js';
import { Summarizer } from '../../summary/index.js';
import { OpenedStorage, type OpenedStorageParts } from '../base/opened-storage.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { CouchDatabase } from './connection/couch-database.js';
import { refusedDocument } from './connection/failures.js';
import { ownServer } from './connection/open-connection.js';
import type { CouchDbStorageOptions } from './couchdb-storage.options.js';
import { couchTarget, type CouchTarget } from './couchdb-target.js';
import { prepareDatabase } from './format/prepare-format.js';
import { Forgetter } from './eraser.js';
import { CouchRecordReader } from './records/record-reader.js';
import { documentOf } from './records/record-mapper.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { CouchSumReader } from './summaries/sum-reader.js';
import { DocumentSummarizer } from './summaries/sum-mapper.js';
import { SumView } from './summaries/sum-view.js';
import { dailySalt, forgetDailySalts } from './visitors/daily-salts.js';

const DOCUMENTS_AT_ONCE = 500;
/** Milliseconds that CouchDB may take at start, and views that are being built at the end. */
const OPEN_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 500;

interface OpenCouchDbStorage extends OpenedStorageParts {
  readonly database: CouchDatabase;
  readonly documents: DocumentSummarizer;
  readonly keeper: SummaryMaintenance;
  readonly building: Promise<void>;
}

/**
 * Keeps records in CouchDB, one document each. Summaries are views over the documents, so they are
 * always what the records say; what a record adds to them is worked out when it is stored. A
 * rebuild looks through the records, and corrects what those add that were stored under other
 * hooks or another time zone; where there are none, nothing changes.
 *
 * @example
 * new CouchDbStorage({ url: process.env.COUCHDB_URL, database: 'usage', hooks: [sumBasic] });
 *
 * @publicApi
 */
export class CouchDbStorage extends OpenedStorage<OpenCouchDbStorage> implements UsageStorage {
  readonly name: string;
  private readonly target: CouchTarget;

  /** @throws {TypeError} for options that contradict each other or are of the wrong kind. */
  constructor(readonly options: CouchDbStorageOptions = {}) {
    super();
    this.name = options.name ?? 'couchdb';
    this.target = couchTarget(options);
  }

  async open({
    summaries,
    timeZone,
    onTimeZoneChange,
    logger,
  }: UsageStorageContext): Promise<void> {
    const { target } = this;
    const summarizer = new Summarizer({ summaries, timeZone });
    const documents = new DocumentSummarizer(summarizer.calendar, summaries, (error) => {
      logger.warn(error.message);
    });
    const server =
      'server' in target
        ? target.server
        : await ownServer(target.url, target.username, target.password);
    const shown = 'url' in target ? target.url : "the application's server";
    const database = new CouchDatabase(server, target.database, shown);
    const { building } = await inTime(
      prepareDatabase(database, logger),
      OPEN_TIMEOUT,
      `CouchDbStorage: ${shown} did not answer within ${OPEN_TIMEOUT / 1000} s. Check the address.`,
    );
    const reader = new CouchRecordReader(database);
    const view = new SumView(database);
    const sums = new CouchSumReader(view, this.name, documents);
    const keeper = new SummaryMaintenance(this.name, database, reader, view, documents, summarizer);
    await keeper.settleZone(onTimeZoneChange);
    const forgetter = new Forgetter(database, reader, view, summarizer);
    this.opened = { database, documents, reader, sums, keeper, forgetter, building };
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    // The server builds its views without us; only what comes after that is better not cut off.
    if (opened) await inTime(opened.building, CLOSE_TIMEOUT, '').catch(() => {});
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const { database, documents } = this.use();
    const distinct = new Map<string, UsageRecord>();
    for (const record of records) if (!distinct.has(record.id)) distinct.set(record.id, record);
    const all = [...distinct.values()];
    for (let at = 0; at < all.length; at += DOCUMENTS_AT_ONCE) {
      const part = all.slice(at, at + DOCUMENTS_AT_ONCE);
      const answers = await database.write(
        part.map((record) => documentOf(record, documents.sumsOf(record))),
      );
      // A conflict is a record that is there already.
      const refused = answers.find(({ error }) => error !== undefined && error !== 'conflict');
      if (refused) throw refusedDocument(refused, database.shown);
    }
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return dailySalt(this.use().database, day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await forgetDailySalts(this.use().database, before);
  }

  protected pruneRecords({ keeper }: OpenCouchDbStorage, before: number): Promise<number> {
    return keeper.pruneRecords(before);
  }
}

/** @throws {Error} if the work is not done in time. */
async function inTime<T>(work: Promise<T>, timeout: number, late: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), timeout);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
