import type { UsageRecord } from '../../record/index.js';
import { Summarizer } from '../../summary/index.js';
import { OpenedStorage, type OpenedStorageParts } from '../base/opened-storage.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { openConnection } from './connection/open-connection.js';
import {
  couchTarget,
  type CouchDbStorageOptions,
  type CouchTarget,
} from './couchdb-storage.options.js';
import { Eraser } from './eraser.js';
import { prepareFormat } from './format/prepare-format.js';
import { NamedValues } from './named-values.js';
import { Pruner } from './pruner.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';
import { DocumentSummarizer } from './summaries/sum-mapper.js';
import { SumReader } from './summaries/sum-reader.js';
import { SumView } from './summaries/sum-view.js';
import { withTimeLimit } from '../../support/time-limit.js';

/** Milliseconds that CouchDB may take at start, and views that are being built at the end. */
const OPEN_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 500;

interface OpenCouchDbStorage extends OpenedStorageParts {
  readonly building: Promise<void>;
  readonly writer: RecordWriter;
  readonly named: NamedValues;
  readonly pruner: Pruner;
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
    const database = await openConnection(target);
    const { shown } = database;
    const { building } = await withTimeLimit(prepareFormat(database, logger), OPEN_TIMEOUT, () => {
      throw new Error(
        `CouchDbStorage: ${shown} did not answer within ${OPEN_TIMEOUT / 1000} s. Check the address.`,
      );
    });
    const named = new NamedValues(database);
    const reader = new RecordReader(database);
    const writer = new RecordWriter(database, documents);
    const view = new SumView(database);
    const maintenance = new SummaryMaintenance(
      this.name,
      database,
      named,
      reader,
      writer,
      view,
      documents,
      summarizer,
    );
    await maintenance.settleZone(onTimeZoneChange);
    const pruner = new Pruner(named, summarizer.calendar, reader, writer, view);
    this.opened = {
      building,
      writer,
      named,
      reader,
      sums: new SumReader(view, this.name, documents),
      keeper: {
        rebuild: (start, end) => maintenance.rebuild(start, end),
        verify: (start, end) => maintenance.verify(start, end),
        prune: (period, before) => pruner.pruneSums(period, before),
      },
      forgetter: new Eraser(reader, writer, view, summarizer),
      pruner,
    };
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    // The server builds its views without us; only what comes after that is better not cut off.
    if (opened) await withTimeLimit(opened.building, CLOSE_TIMEOUT, () => {}).catch(() => {});
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    await this.use().writer.store(records);
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return this.use().named.dailySalt(day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    await this.use().named.forgetDailySalts(before);
  }

  protected pruneRecords({ pruner }: OpenCouchDbStorage, before: number): Promise<number> {
    return pruner.pruneRecords(before);
  }
}
