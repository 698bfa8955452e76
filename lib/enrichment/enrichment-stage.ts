import type { CapturedRequest } from '../record/captured-request.js';
import type { IpInfo, UsageRecord } from '../record/index.js';
import type { RecordBuilder } from './record-builder.js';

/** The most records that may wait for lookups. Further records are built without them. */
const MAX_WAITING = 10_000;

/** Receives a finished record and the request from which it was built. */
export type RecordSink = (record: UsageRecord, captured: CapturedRequest) => void;

/** Lookups of a client. They never throw or reject, and always settle. */
export interface ClientLookups {
  /** Geography of an address. The address is given in the form in which it is stored. */
  readonly ipInfo?: (address: string | null) => IpInfo | null | Promise<IpInfo | null>;
  /** Id of a request's visitor. */
  readonly visitorId?: (captured: CapturedRequest) => string | null | Promise<string | null>;
}

/**
 * Builds records from captured requests and passes them to the sink: at once if no lookup is
 * asynchronous, else when the lookups settle. Records may therefore change their order.
 */
export class EnrichmentStage {
  private readonly waiting = new Set<Promise<void>>();

  constructor(
    private readonly builder: RecordBuilder,
    private readonly lookups: ClientLookups,
    private readonly sink: RecordSink,
  ) {}

  /** Number of records that wait for lookups. */
  get pending(): number {
    return this.waiting.size;
  }

  /** Builds the record of a request and passes it to the sink. Never throws. */
  enrich(captured: CapturedRequest): void {
    const { ipInfo, visitorId } = this.lookups;
    const where = ipInfo ? ipInfo(this.builder.address(captured)) : null;
    const who = visitorId ? visitorId(captured) : captured.visitorId;
    const mustWait = where instanceof Promise || who instanceof Promise;
    if (mustWait && this.waiting.size < MAX_WAITING) {
      const finished = this.wait(captured, where, who).finally(() => this.waiting.delete(finished));
      this.waiting.add(finished);
    } else {
      this.finish(captured, orNull(where), orNull(who));
    }
  }

  /** Resolves when all records that wait for lookups now have been passed to the sink. */
  async settled(): Promise<void> {
    await Promise.all(this.waiting);
  }

  private async wait(
    captured: CapturedRequest,
    where: IpInfo | null | Promise<IpInfo | null>,
    who: string | null | Promise<string | null>,
  ): Promise<void> {
    const [ipInfo, visitorId] = await Promise.all([where, who]);
    this.finish(captured, ipInfo, visitorId);
  }

  private finish(captured: CapturedRequest, ipInfo: IpInfo | null, visitorId: string | null): void {
    const record = this.builder.build(captured, { ipInfo, visitorId });
    if (record !== null) this.sink(record, captured);
  }
}

function orNull<T>(value: T | null | Promise<T | null>): T | null {
  return value instanceof Promise ? null : value;
}
