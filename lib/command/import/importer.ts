import { GeoIp, RecordBuilder } from '../../enrichment/index.js';
import { GEO_IP_OPTIONS } from '../../enrichment/geo-ip/geo-ip-options.js';
import type { CapturedRequest } from '../../record/captured-request.js';
import type { IpInfo, UsageRecord } from '../../record/index.js';
import { usageLogger } from '../../support/usage-logger.js';
import { BatchWriter } from './batch-writer.js';
import { RequestIdentity } from './identity/request-identity.js';
import type { ImportCounts, ImportOptions, ImportTarget } from './import-options.js';
import { OwnRecords } from './own-records.js';
import type {
  ImportSource,
  RecordItem,
  RejectedItem,
  RequestItem,
  SourceItem,
} from './source-item.js';

const BATCH_SIZE = 1000;
/** Items that are made into records before the next are, where nothing has to be waited for. */
const WINDOW = 500;

/**
 * Imports a source into a storage: derives ids, builds records as capture does, and stores them in
 * batches. Imported again, nothing changes.
 *
 * @throws {Error} if a batch cannot be stored, or an option does not fit. What was stored before
 * stays, and the import can be begun again.
 */
export async function importSource(
  source: ImportSource,
  target: ImportTarget,
  options: ImportOptions = {},
): Promise<ImportCounts> {
  const { enrichment = {} } = options;
  const geoIp = enrichment.geoIp ? await GeoIp.open(enrichment.geoIp, usageLogger()) : null;
  const importer = new Importer(target, options, geoIp);
  try {
    return await importer.run(source);
  } finally {
    importer.close();
    geoIp?.close();
  }
}

class Importer {
  private readonly counts: ImportCounts = {
    read: 0,
    stored: 0,
    excluded: 0,
    outside: 0,
    rejected: 0,
  };
  private readonly identity = new RequestIdentity();
  private readonly builder: RecordBuilder;
  private readonly own: OwnRecords;
  private readonly writer: BatchWriter;
  private readonly from: number;
  private readonly until: number;
  /** How many items may wait for their geography at once. */
  private readonly window: number;
  private failure: unknown;

  constructor(
    target: ImportTarget,
    private readonly options: ImportOptions,
    private readonly geoIp: GeoIp | null,
  ) {
    const { enrichment = {}, routes = null } = options;
    this.builder = new RecordBuilder(
      enrichment,
      { dropped: (_, __, error) => (this.failure = error) },
      routes,
    );
    this.own = new OwnRecords(enrichment);
    this.writer = new BatchWriter(target, options.batchSize ?? BATCH_SIZE, (count) => {
      this.counts.stored += count;
      options.onProgress?.({ ...this.counts });
    });
    this.window = geoIp
      ? (enrichment.geoIp?.concurrency ?? GEO_IP_OPTIONS.concurrency.default)
      : WINDOW;
    this.from = options.startDate?.getTime() ?? -Infinity;
    this.until = options.endDate?.getTime() ?? Infinity;
  }

  async run(source: ImportSource): Promise<ImportCounts> {
    const { signal } = this.options;
    for await (const items of source.read(signal)) {
      for (let at = 0; at < items.length; at += this.window)
        await this.add(items.slice(at, at + this.window));
      // A source that waits, such as a log that is followed, says so by an empty portion.
      if (items.length === 0) await this.writer.flush();
      if (signal?.aborted) break;
    }
    await this.writer.finish();
    return this.counts;
  }

  close(): void {
    this.identity.close();
  }

  /** Adds items in their order. Waits for their geography together. */
  private async add(items: readonly SourceItem[]): Promise<void> {
    const records = items.map((item) => this.recordOf(item));
    for (const each of records) {
      const record = each instanceof Promise ? await each : each;
      if (record === null) continue;
      this.writer.add(record);
      if (this.writer.isFull) await this.writer.flush();
    }
  }

  private recordOf(item: SourceItem): UsageRecord | null | Promise<UsageRecord | null> {
    this.counts.read++;
    if (item.kind === 'rejected') return this.reject(item);
    const date = item.kind === 'record' ? item.record.date.getTime() : item.captured.date;
    if (date < this.from || date > this.until) {
      this.counts.outside++;
      return null;
    }
    if (item.kind === 'record') return this.ownRecord(item);
    item.captured.id = this.identity.idOf(date, item.content);
    return this.located(item, item.captured as CapturedRequest);
  }

  private ownRecord({ record, place }: RecordItem): UsageRecord | null {
    try {
      const kept = this.own.keep(record);
      if (kept === null) this.counts.excluded++;
      return kept;
    } catch (error) {
      return this.reject({
        kind: 'rejected',
        place,
        text: JSON.stringify(record),
        reason: reasonOf(error),
      });
    }
  }

  private reject(item: RejectedItem): null {
    this.counts.rejected++;
    this.options.onRejected?.(item);
    return null;
  }

  /** Looks up the geography, unless the source has it. */
  private located(
    item: RequestItem,
    captured: CapturedRequest,
  ): UsageRecord | null | Promise<UsageRecord | null> {
    const known = item.facts?.ipInfo ?? null;
    const { geoIp } = this;
    if (known !== null || geoIp === null) return this.build(item, captured, known);
    const found = geoIp.lookup(this.builder.address(captured));
    return found instanceof Promise
      ? found.then((ipInfo) => this.build(item, captured, ipInfo))
      : this.build(item, captured, found);
  }

  private build(
    { facts, place, content }: RequestItem,
    captured: CapturedRequest,
    ipInfo: IpInfo | null,
  ): UsageRecord | null {
    this.failure = undefined;
    const record = this.builder.build(captured, { visitorId: null, ...facts, ipInfo });
    if (record !== null) return record;
    if (this.failure !== undefined)
      return this.reject({
        kind: 'rejected',
        place,
        text: content,
        reason: reasonOf(this.failure),
      });
    this.counts.excluded++;
    return null;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
