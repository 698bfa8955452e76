import { hostname } from 'node:os';
import type { CapturedRequest } from '../record/captured-request.js';
import type { IpInfo, RequestArgs, UsageRecord } from '../record/index.js';
import { ENRICHMENT_OPTIONS, type EnrichmentOptions } from './enrichment-options.js';
import { headerText } from './text-decoding.js';
import { toJsonObject, MAX_URL_LENGTH, storable, storableOrNull } from './text-limits.js';
import { anonymizedRecord } from './privacy/anonymized-record.js';
import { keptAddress, keptForwardedFor } from './client-address.js';
import { redactRouteParams } from './privacy/redact-route-params.js';
import { REDACTED } from './privacy/redact-text.js';
import { Redactor } from './privacy/redactor.js';
import { RouteShapes, type DeclaredRoutes } from './privacy/route-shapes.js';
import { readRouteArgs, secretRouteArgs } from './route-args.js';
import { hostOf, pathOf, readTarget, type RequestTarget } from './request-target.js';
import { SampleWeights } from './sample-weights.js';
import { UserAgentReader } from './user-agent/user-agent-reader.js';

/** Why a record was dropped before it reached a storage. */
export type EnrichmentLoss = 'anonymize' | 'enrichment';

/** What is looked up about a client before its record is made. */
export interface ClientFacts {
  readonly ipInfo: IpInfo | null;
  readonly visitorId: string | null;
}

/** What the builder tells of what it could not do. */
export interface RecordBuilderEvents {
  /** A record was dropped, for every storage that it was meant for. */
  dropped?(captured: CapturedRequest, reason: EnrichmentLoss, error: unknown): void;
  /** A function of the user threw; the record was kept without what it had to say. */
  failed?(part: 'excludeBots' | 'enrichment', error: unknown): void;
}

const NOBODY: ClientFacts = { ipInfo: null, visitorId: null };

/**
 * Makes the record of a captured request, off the request's path: derives what can be derived,
 * takes out what must not be kept, and holds everything to its limits. Built once per application.
 */
export class RecordBuilder {
  private readonly userAgents: UserAgentReader;
  private readonly redactor: Redactor | null;
  private readonly shapes: RouteShapes | null;
  private readonly serverName: string;
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
    this.serverName = storable(options.serverName ?? hostname());
    this.ip = options.ip ?? ENRICHMENT_OPTIONS.ip.default;
  }

  /** The client's address as it is kept: what geography and visitors may know of it. */
  address(captured: CapturedRequest): string | null {
    return attempt(() => keptAddress(captured.remoteAddr, this.ip), null);
  }

  /**
   * The record, or null if it is not to be stored: the client is a bot that is excluded,
   * `anonymize` said so, or the record was dropped (which `events.dropped` reports). Never throws. A
   * part that fails is left empty, and never falls back to what should have been redacted.
   */
  build(captured: CapturedRequest, facts: ClientFacts = NOBODY): UsageRecord | null {
    try {
      const record = this.assemble(captured, facts);
      if (this.isExcluded(record)) return null;
      const kept = this.options.anonymize ? this.anonymized(captured, record) : record;
      // Only what is kept has a part in the total.
      if (kept) this.weights.keep(finite(captured.weight, 1), captured.storages);
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
    const userAgent = this.userAgents.read(captured.userAgent, captured.acceptLanguage);
    const mayChange = this.options.anonymize !== undefined;
    return plainRecord({
      id: captured.id,
      date: new Date(finite(captured.date)),
      url: target.url,
      path: target.path,
      method: storable(captured.method),
      protocol: storable(captured.protocol),
      route: storableOrNull(captured.route),
      blueprint: storableOrNull(captured.blueprint),
      handler: storableOrNull(captured.handler),
      viewArgs: attempt(() => this.viewArgs(captured), {}),
      urlArgs: target.urlArgs,
      status: finite(captured.status),
      outcome: captured.outcome,
      speed: Math.round(finite(captured.speed)) / 1e6,
      contentLength: finite(captured.contentLength),
      remoteAddr: storableOrNull(this.address(captured)),
      xForwardedFor: attempt(
        () => this.withoutKeys(keptForwardedFor(captured.xForwardedFor, this.ip)),
        null,
      ),
      referrer: attempt(() => this.referrer(captured), null),
      authorization: captured.authorization,
      username: attempt(() => this.withoutKeys(captured.username), null),
      // Shared by the records of a client, and `anonymize` may write to what it is given.
      userAgent: mayChange ? { ...userAgent } : userAgent,
      ipInfo: mayChange ? structuredClone(facts.ipInfo) : facts.ipInfo,
      visitorId: facts.visitorId,
      serverName: this.serverName,
      trackVar: trackVar && toJsonObject(trackVar, redactor ?? undefined),
      weight: this.weights.next(finite(captured.weight, 1), captured.storages),
      consumer: null,
      consumerGroup: null,
      service: null,
      release: null,
      apiVersion: null,
      traceId: null,
    });
  }

  private withoutKeys(text: string | null): string | null {
    return storableOrNull(text && this.redactor ? this.redactor.keys(text) : text);
  }

  private target(captured: CapturedRequest): RequestTarget {
    return attempt(() => {
      const { redactor } = this;
      const { viewArgs, route } = captured;
      const secrets = viewArgs && redactor && secretRouteArgs(viewArgs, redactor);
      const shapes = this.shapesFor(route);
      return readTarget(captured.url, redactor, (path) => {
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

  /** Where a handler was reached by a route that says which segments there are, that one counts. */
  private shapesFor(route: string | null): RouteShapes | null {
    return route === null || MATCHES_ANYTHING.test(route) ? this.shapes : null;
  }

  private referrer({ referrer, url }: CapturedRequest): string | null {
    if (referrer === null) return null;
    const text = headerText(referrer);
    const { redactor, shapes } = this;
    if (redactor === null) return storable(text);
    // The page before may have been one whose path is secret.
    const host = hostOf(text);
    // A referrer without a host is of the same one.
    const isOwn = shapes !== null && (host === '' || host === hostOf(url));
    const redactPath = isOwn ? (path: string) => shapes.redactPath(path) : undefined;
    return storable(redactor.url(text, MAX_URL_LENGTH, redactPath));
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

  /** A record that could not be made anonymous is dropped and counted, never stored as it is. */
  private anonymized(captured: CapturedRequest, record: UsageRecord): UsageRecord | null {
    try {
      return anonymizedRecord(record.id, this.options.anonymize?.(record));
    } catch (error) {
      this.events.dropped?.(captured, 'anonymize', error);
      return null;
    }
  }
}

/**
 * V8 watches the objects that a literal makes, and from the time on that most of them outlive a
 * collection of the young it makes them old at once. Records that wait for their batch look like
 * that, but are garbage soon after, which nothing but a collection of the whole heap would find.
 * Copies are not watched. See `--trace-pretenuring`.
 */
function plainRecord(fields: UsageRecord): UsageRecord {
  return { ...fields };
}

/** A route that takes whatever no other one has taken. */
const MATCHES_ANYTHING = /[*(]/;

const UNREADABLE_TARGET: RequestTarget = { url: REDACTED, path: `/${REDACTED}`, urlArgs: {} };

function attempt<T>(part: () => T, otherwise: T): T {
  try {
    return part();
  } catch {
    return otherwise;
  }
}

function finite(value: number, otherwise = 0): number {
  return Number.isFinite(value) ? value : otherwise;
}
