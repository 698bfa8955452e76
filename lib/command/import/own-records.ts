import { keptAddress, keptForwardedFor, type IpMode } from '../../enrichment/client-address.js';
import type { EnrichmentOptions } from '../../enrichment/index.js';
import { toAnonymizedRecord } from '../../enrichment/privacy/anonymized-record.js';
import { Redactor } from '../../enrichment/privacy/redactor.js';
import { readTarget } from '../../enrichment/request-target.js';
import { readRouteArgs } from '../../enrichment/route-args.js';
import { MAX_URL_LENGTH, sanitizeText, toJsonObject } from '../../enrichment/text-limits.js';
import type { UsageRecord } from '../../record/index.js';

/**
 * Applies to a record of this library what the options say, and nothing else: it went through
 * enrichment when it was captured. So redaction and masking apply where the options name them, and
 * not by default.
 */
export class OwnRecords {
  private readonly redactor: Redactor | null;
  private readonly ip: IpMode;

  constructor(private readonly options: EnrichmentOptions) {
    const { redact, ip = 'full' } = options;
    this.redactor = redact ? new Redactor(redact) : null;
    this.ip = ip;
  }

  /**
   * The record to store; null if `excludeBots` or `anonymize` leave it out.
   *
   * @throws {unknown} what these functions throw.
   */
  keep(record: UsageRecord): UsageRecord | null {
    const { excludeBots, anonymize } = this.options;
    const { kind } = record.userAgent;
    const isLeftOut =
      typeof excludeBots === 'function'
        ? excludeBots(kind)
        : excludeBots === true && kind === 'bot';
    if (isLeftOut) return null;
    const kept = this.redacted(this.masked(record));
    return anonymize ? toAnonymizedRecord(record.id, anonymize({ ...kept })) : kept;
  }

  private masked(record: UsageRecord): UsageRecord {
    if (this.ip === 'full') return record;
    return {
      ...record,
      remoteAddr: keptAddress(record.remoteAddr, this.ip),
      xForwardedFor: keptForwardedFor(record.xForwardedFor, this.ip),
    };
  }

  private redacted(record: UsageRecord): UsageRecord {
    const { redactor } = this;
    if (redactor === null) return record;
    const { referrer, viewArgs, trackVar } = record;
    return {
      ...record,
      ...readTarget(record.url, redactor),
      referrer: referrer && sanitizeText(redactor.url(referrer, MAX_URL_LENGTH)),
      viewArgs: viewArgs && readRouteArgs(viewArgs, redactor),
      trackVar: trackVar && toJsonObject(trackVar, redactor),
    };
  }
}
