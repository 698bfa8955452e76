import { hostname } from 'node:os';
import type { CapturedRequest } from '../record/captured-request.js';
import type { IpInfo, RequestArgs, UsageRecord, UserAgentInfo } from '../record/index.js';
import { ENRICHMENT_OPTIONS, type EnrichmentOptions } from './enrichment-options.js';
import { headerText } from './text-decoding.js';
import { MAX_URL_LENGTH, sanitizeText, sanitizeTextOrNull, toJsonObject } from './text-limits.js';
import { anonymizedUser, consumerId, namedByApplication } from './caller.js';
import { toAnonymizedRecord } from './privacy/anonymized-record.js';
import { keptAddress, keptForwardedFor } from './client-address.js';
import { redactRouteParams } from './privacy/redact-route-params.js';
import { redactKeyParameters } from './privacy/redact-key-parameters.js';
import { REDACTED } from './privacy/redact-text.js';
import { Redactor } from './privacy/redactor.js';
import { RouteShapes, type DeclaredRoutes } from './privacy/route-shapes.js';
import { readRouteArgs, secretRouteArgs } from './route-args.js';
import { hostOf, pathOf, readTarget, type RequestTarget } from './request-target.js';
import { SampleWeights } from './sample-weights.js';
import { UserAgentReader } from './user-agent/user-agent-reader.js';

/** Why a record was dropped before it reached a storage. */
export type EnrichmentLoss = 'anonymize' | 'enrichment';

/** Results of the lookups of a client, and what is known of a request that was recorded elsewhere. */
export interface ClientFacts {
  readonly ipInfo: IpInfo | null;
  readonly visitorId: string | null;
  /** Replaces the option `serverName`. */
  readonly serverName?: string | undefined;
  /** The client, if its `User-Agent` header is not known. */
  readonly userAgent?: UserAgentInfo | undefined;
}

/** Callbacks for failures of the builder. */
export interface RecordBuilderEvents {
  /** A record was dropped for all of its storages. */
  dropped?(captured: CapturedRequest, reason: EnrichmentLoss, error: unknown): void;
  /** A function of the user failed. The record was kept without its result. */
  failed?(part: 'excludeBots' | 'consumer' | 'enrichment', error: unknown): void;
}

const NOBODY: ClientFacts = { ipInfo: null, visitorId: null };

/**
 * Builds the record of a captured request, off the request's path. Derives fields, redacts secrets
 * and applies the limits. Each application has one builder.
 */
export class RecordBuilder {
  private readonly userAgents: UserAgentReader;
  private readonly redactor: Redactor | null;
  private readonly shapes: RouteShapes | null;
  private readonly serverName: string;
  private readonly service: string | null;
  private readonly release: string | null;
  private readonly ip: 'full' | 'masked' | 'none';
  private readonly weights = new SampleWeights();

  constructor(
    private readonly options: EnrichmentOptions = {},
    private readonly events: RecordBuilderEvents = {},
    routes: DeclaredRoutes | null = null,
  ) {
    const names = options.redact ?? ENRICHMENT_OPTIONS.redact.default;
    this.redactor = names === false ? null : new Redactor(names);
    const { redactor } = this;
    this.shapes = redactor && routes && new RouteShapes(routes, (name) => redactor.isSecret(name));
    this.userAgents = new UserAgentReader(redactor);
    this.serverName = sanitizeText(options.serverName ?? hostname());
    this.service = sanitizeTextOrNull(options.service);
    this.release = sanitizeTextOrNull(options.release);
    this.ip = options.ip ?? ENRICHMENT_OPTIONS.ip.default;
  }

  /** The client's address in the form in which it is stored and in which geography is looked up. */
  address(captured: CapturedRequest): string | null {
    return attempt(() => keptAddress(captured.remoteAddr, this.ip), null);
  }

  /**
   * Builds the record. Null if it must not be stored: `excludeBots` excludes the client,
   * `anonymize` returned null, or the record was dropped (then `events.dropped` is called). Never
   * throws. A field that fails is left empty and never falls back to its value before redaction.
   */
  build(captured: CapturedRequest, facts: ClientFacts = NOBODY): UsageRecord | null {
    try {
      const record = this.assemble(captured, facts);
      if (this.isExcluded(record)) return null;
      const kept = this.options.anonymize ? this.anonymized(captured, record) : record;
      // Only records that are kept take their share of the carried weight.
      if (kept) this.weights.keep(finiteOr(captured.weight, 1), captured.storages);
      return kept;
    } catch (error) {
      this.events.dropped?.(captured, 'enrichment', error);
      return null;
    }
  }

  private assemble(captured: CapturedRequest, facts: ClientFacts): UsageRecord {
    const target = this.target(captured);
    const { redactor } = this;
    const { trackVar } = captured;
    const consumer = this.consumer(captured);
    const userAgent = facts.userAgent ?? this.userAgent(captured);
    const mayChange = this.options.anonymize !== undefined;
    return plainRecord({
      id: captured.id,
      date: new Date(finiteOr(captured.date)),
      url: target.url,
      path: target.path,
      method: sanitizeText(captured.method),
      protocol: sanitizeText(captured.protocol),
      route: sanitizeTextOrNull(captured.route),
      blueprint: sanitizeTextOrNull(captured.blueprint),
      handler: sanitizeTextOrNull(captured.handler),
      viewArgs: attempt(() => this.viewArgs(captured), {}),
      urlArgs: target.urlArgs,
      status: finiteOr(captured.status),
      outcome: captured.outcome,
      speed: Math.round(finiteOr(captured.speed)) / 1e6,
      contentLength: finiteOr(captured.contentLength),
      remoteAddr: sanitizeTextOrNull(this.address(captured)),
      xForwardedFor: attempt(
        () => this.withoutKeys(keptForwardedFor(captured.xForwardedFor, this.ip)),
        null,
      ),
      referrer: attempt(() => this.referrer(captured), null),
      authorization: captured.authorization,
      username: attempt(() => this.withoutKeys(captured.username), null),
      // Records of one client share these objects, and `anonymize` may change its argument.
      userAgent: mayChange ? { ...userAgent } : userAgent,
      ipInfo: mayChange ? structuredClone(facts.ipInfo) : facts.ipInfo,
      visitorId: facts.visitorId,
      serverName: facts.serverName === undefined ? this.serverName : sanitizeText(facts.serverName),
      trackVar: trackVar && toJsonObject(trackVar, redactor ?? undefined),
      weight: this.weights.next(finiteOr(captured.weight, 1), captured.storages),
      consumer,
      consumerGroup: consumer === null ? null : this.withoutKeys(captured.consumer!.group),
      service: this.service,
      release: this.release,
      apiVersion: sanitizeTextOrNull(captured.apiVersion),
      traceId: captured.traceId,
    });
  }

  private consumer({ consumer }: CapturedRequest): string | null {
    try {
      return consumer && consumerId(consumer);
    } catch (error) {
      this.events.failed?.('consumer', error);
      return null;
    }
  }

  private userAgent({ userAgent, acceptLanguage, client }: CapturedRequest): UserAgentInfo {
    const read = this.userAgents.read(userAgent, acceptLanguage);
    if (client === null) return read;
    const withoutKeys = (text: string | null) => this.withoutKeys(text);
    return attempt(() => namedByApplication(read, client, withoutKeys), read);
  }

  private withoutKeys(text: string | null): string | null {
    return sanitizeTextOrNull(text && this.redactor ? this.redactor.keys(text) : text);
  }

  private target(captured: CapturedRequest): RequestTarget {
    return attempt(() => {
      const { redactor } = this;
      const { viewArgs, route } = captured;
      const secrets = viewArgs && redactor && secretRouteArgs(viewArgs, redactor);
      const shapes = this.shapesFor(route);
      const url = redactor ? captured.url : redactKeyParameters(captured.url);
      return readTarget(url, redactor, (path) => {
        const clean = secrets ? redactRouteParams(path, route, secrets) : path;
        return shapes ? shapes.redactPath(clean) : clean;
      });
    }, UNREADABLE_TARGET);
  }

  private viewArgs({ viewArgs, route, url }: CapturedRequest): RequestArgs | null {
    if (viewArgs === null) return null;
    const shapes = this.shapesFor(route);
    const args = shapes ? shapes.redactArgs(pathOf(url), viewArgs) : viewArgs;
    return readRouteArgs(args, this.redactor);
  }

  /** All route shapes if the matched route does not name its segments; null if it does. */
  private shapesFor(route: string | null): RouteShapes | null {
    return route === null || MATCHES_ANYTHING.test(route) ? this.shapes : null;
  }

  private referrer({ referrer, url }: CapturedRequest): string | null {
    if (referrer === null) return null;
    const text = headerText(referrer);
    const { redactor, shapes } = this;
    if (redactor === null) return sanitizeText(redactKeyParameters(text));
    // The referring page may be one of the application's own, whose path may hold a secret.
    const redactPath =
      shapes !== null && isOfHost(text, url)
        ? (path: string) => shapes.redactPath(path)
        : undefined;
    return sanitizeText(redactor.url(text, MAX_URL_LENGTH, redactPath));
  }

  private isExcluded({ userAgent: { kind } }: UsageRecord): boolean {
    const { excludeBots } = this.options;
    if (typeof excludeBots !== 'function') return excludeBots === true && kind === 'bot';
    try {
      const answer: unknown = excludeBots(kind);
      if (!(answer instanceof Promise)) return Boolean(answer);
      answer.catch(() => undefined);
      throw new TypeError('excludeBots returned a promise, which is not waited for');
    } catch (error) {
      this.events.failed?.('excludeBots', error);
      return false;
    }
  }

  /** Calls `anonymize`. If that fails, the record is dropped and never stored unchanged. */
  private anonymized(captured: CapturedRequest, record: UsageRecord): UsageRecord | null {
    try {
      const given = { username: record.username, consumer: record.consumer };
      const kept = toAnonymizedRecord(record.id, this.options.anonymize?.(record));
      return kept && captured.consumer?.from === 'user' ? anonymizedUser(kept, given) : kept;
    } catch (error) {
      this.events.dropped?.(captured, 'anonymize', error);
      return null;
    }
  }
}

/**
 * Copies the record to avoid V8's pretenuring. V8 tracks the objects of each literal. Once most of
 * them survive a minor collection, it allocates new ones in the old generation. Records that wait
 * for their batch survive, but are garbage soon after, and only a full collection would free them.
 * V8 does not track copies. See `--trace-pretenuring`.
 */
function plainRecord(fields: UsageRecord): UsageRecord {
  return { ...fields };
}

/** Whether a page is on the host of a URL. One without a host is. */
function isOfHost(page: string, url: string): boolean {
  const host = hostOf(page);
  return host === '' || host === hostOf(url);
}

/** Matches the pattern of a catch-all route. */
const MATCHES_ANYTHING = /[*(]/;

const UNREADABLE_TARGET: RequestTarget = { url: REDACTED, path: `/${REDACTED}`, urlArgs: {} };

function attempt<T>(part: () => T, otherwise: T): T {
  try {
    return part();
  } catch {
    return otherwise;
  }
}

function finiteOr(value: number, otherwise = 0): number {
  return Number.isFinite(value) ? value : otherwise;
}
