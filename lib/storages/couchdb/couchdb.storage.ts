import { withTimeLimit } from '../../support/time-limit.js';
import { Summarizer, withRecordCount } from '../../summary/index.js';
import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { openConnection, serverOf } from './connection/open-connection.js';
import {
  couchTarget,
  type CouchDbStorageOptions,
  type CouchTarget,
} from './couchdb-storage.options.js';
import { Eraser } from './eraser.js';
import { prepareFormat } from './format/prepare-format.js';
import { CouchNamedValues } from './named-values.js';
import { Pruner } from './pruner.js';
import { RecordReader } from './records/record-reader.js';
import { RecordWriter } from './records/record-writer.js';
import { DocumentSummarizer } from './summaries/sum-mapper.js';
import { SumReader } from './summaries/sum-reader.js';
import { SumView } from './summaries/sum-view.js';
import { SummaryMaintenance } from './summaries/summary-maintenance.js';

/** Time limits for CouchDB's answers at start, and for building views at close. */
const OPEN_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 500;

/**
 * Keeps records in CouchDB, one document each. Summaries are views over the documents, so they
 * always agree with them. What a record adds to the summaries is computed when it is stored. A
 * rebuild corrects documents that were stored with other hooks or in another time zone, and changes
 * nothing if there are none.
 *
 * @example
 * new CouchDbStorage({ url: process.env.COUCHDB_URL, database: 'usage', hooks: [sumBasic] });
 *
 * @publicApi
 */
export class CouchDbStorage extends BaseStorage implements UsageStorage {
  readonly name: string;
  private readonly target: CouchTarget;

  /** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
  constructor(readonly options: CouchDbStorageOptions = {}) {
    super();
    this.name = options.name ?? 'couchdb';
    this.target = couchTarget(options);
  }

  protected override placeOf(): string {
    const { target } = this;
    return `couchdb ${'url' in target ? target.url : serverOf(target.server)} ${target.database}`;
  }

  protected async openParts({
    summaries,
    timeZone,
    onTimeZoneChange,
    prepares = true,
    migrates,
    logger,
  }: UsageStorageContext): Promise<BaseStorageParts> {
    const kept = withRecordCount(summaries);
    const summarizer = new Summarizer({ summaries: kept, timeZone });
    const documents = new DocumentSummarizer(summarizer, kept, (error) => {
      logger.warn(error.message);
    });
    const database = await openConnection(this.target);
    const values = new CouchNamedValues(database);
    const { building } = await withTimeLimit(
      prepareFormat(database, values, logger, { prepares, migrates }),
      OPEN_TIMEOUT_MS,
      () => {
        throw new Error(
          `CouchDbStorage: ${database.shown} did not answer within ${OPEN_TIMEOUT_MS / 1000} s. ` +
            'Check the address.',
        );
      },
    );
    const reader = new RecordReader(database);
    const writer = new RecordWriter(database, documents);
    const view = new SumView(database);
    const maintenance = new SummaryMaintenance(
      this.name,
      summarizer,
      values,
      reader,
      writer,
      view,
      documents,
    );
    await maintenance.settleZone(onTimeZoneChange, prepares);
    return {
      summarizer,
      values,
      writer,
      reader,
      sums: new SumReader(view),
      maintenance,
      pruner: new Pruner(reader, writer, view),
      eraser: new Eraser(reader, writer, view, summarizer),
      health: {
        async bytes() {
          const { sizes } = (await database.ask('GET')) as { sizes?: { file?: number } };
          return sizes?.file ?? null;
        },
        faults: async () => [],
        missing: async () => [],
      },
      // The server builds views by itself. Deleting obsolete ones afterwards takes a moment.
      close: () => withTimeLimit(building, CLOSE_TIMEOUT_MS, () => {}),
    };
  }
}
