// An all-zero id of a trace or of a span is invalid, and so is the version ff.
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;
/** The length of a header of version 00, which has no further parts. */
const LENGTH_OF_VERSION_00 = 55;

/** The trace id of a `traceparent` header; null if the header is invalid. */
export function traceIdOf(header: unknown): string | null {
  if (typeof header !== 'string') return null;
  if (header.length !== LENGTH_OF_VERSION_00 && header.startsWith('00')) return null;
  return TRACEPARENT.exec(header)?.[1] ?? null;
}

/** What copies of `@opentelemetry/api` 1.x share in a process, once tracing is set up. */
interface SharedApi {
  readonly context?: { active(): { getValue(key: symbol): unknown } };
}

interface Span {
  spanContext?(): { readonly traceId?: unknown };
}

// The package's own global names. They are the same in every 1.x, so that its copies find each other.
const SHARED_API = Symbol.for('opentelemetry.js.api.1');
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;

/**
 * The trace id of OpenTelemetry's active span; null if there is none. Reads what the installed
 * `@opentelemetry/api` shares, so that the package is never loaded for it. Never throws.
 */
export function activeTraceId(): string | null {
  try {
    const api = (globalThis as { [SHARED_API]?: SharedApi })[SHARED_API];
    if (api?.context === undefined) return null;
    const span = api.context.active().getValue(SPAN_KEY) as Span | undefined;
    const id = span?.spanContext?.().traceId;
    return typeof id === 'string' && TRACE_ID.test(id) ? id : null;
  } catch {
    return null;
  }
}
