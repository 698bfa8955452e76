import type { CapturedRequest } from '../record/captured-request.js';
import type { IpInfo, UsageRecord } from '../record/index.js';
import type { RecordBuilder } from './record-builder.js';

/** Records that may wait for what is looked up; those beyond go on without it. */
const MAX_WAITING = 10_000;

/** Takes a finished record, with the request that it was made of. */
export type RecordSink = (record: UsageRecord, captured: CapturedRequest) => void;

/** What is looked up of a client. Neither ever throws, rejects, or takes without end. */
export interface ClientLookups {
  /** Geography of an address, as far as the address is kept. */
  readonly ipInfo?: (address: string | null) => IpInfo | null | Promise<IpInfo | null>;
  readonly visitorId?: (captured: CapturedRequest) => string | null | Promise<string | null>;
}

/**
 * Makes records of captured requests and hands them on: at once where nothing has to be asked, else
 * when the answers are there, so not in the order in which they came.
 */
export class EnrichmentStage {
  private readonly waiting = new Set<Promise<void>>();

  constructor(
    private readonly builder: RecordBuilder,
    private readonly lookups: ClientLookups,
    private readonly sink: RecordSink,
  ) {}

  /** Records that wait for what is looked up. */
  get pending(): number {
    return this.waiting.size;
  }

  /** Never throws. */
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

  /** When all that was taken before this call has been handed on. */
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
