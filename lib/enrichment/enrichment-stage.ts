import type { CapturedRequest } from '../capture/captured-request.js';
import type { IpInfo, UsageRecord } from '../record/index.js';
import type { GeoIp } from './geo-ip/geo-ip.js';
import type { RecordBuilder } from './record-builder.js';

/** Records that may wait for geography at once; those beyond go on without it. */
const MAX_WAITING = 10_000;

/** Takes a finished record, with the request that it was made of. */
export type RecordSink = (record: UsageRecord, captured: CapturedRequest) => void;

/**
 * Makes records of captured requests and hands them on: at once where nothing has to be asked, else
 * when the answer is there, so not in the order in which they came. No record waits longer than
 * geography's time limit.
 */
export class EnrichmentStage {
  private readonly waiting = new Set<Promise<void>>();

  /** @param geoIp Null: records have no geography. */
  constructor(
    private readonly builder: RecordBuilder,
    private readonly geoIp: GeoIp | null,
    private readonly sink: RecordSink,
  ) {}

  /** Records that wait for geography. */
  get pending(): number {
    return this.waiting.size;
  }

  /** Never throws. */
  take(captured: CapturedRequest): void {
    if (this.geoIp === null) {
      this.finish(captured, null);
      return;
    }
    const found = this.geoIp.lookup(this.builder.address(captured));
    if (!(found instanceof Promise) || this.waiting.size >= MAX_WAITING) {
      this.finish(captured, found instanceof Promise ? null : found);
      return;
    }
    const finished = found
      .then((ipInfo) => this.finish(captured, ipInfo))
      .finally(() => this.waiting.delete(finished));
    this.waiting.add(finished);
  }

  /** When all that was taken before this call has been handed on. */
  async settled(): Promise<void> {
    await Promise.all(this.waiting);
  }

  private finish(captured: CapturedRequest, ipInfo: IpInfo | null): void {
    const record = this.builder.build(captured, { ipInfo, visitorId: null });
    if (record !== null) this.sink(record, captured);
  }
}
