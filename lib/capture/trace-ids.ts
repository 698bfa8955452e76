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
