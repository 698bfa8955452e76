/**
 * Upper bounds for the duration of requests, in seconds: those that OpenTelemetry's semantic
 * conventions advise for `http.server.request.duration`.
 */
export const DURATION_BOUNDS_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Upper bounds for the size of response bodies, in bytes: from 256 B to 64 MiB, times four. */
export const BODY_SIZE_BOUNDS_BYTES: readonly number[] = [
  256,
  1024,
  4096,
  16_384,
  65_536,
  262_144,
  1024 ** 2,
  4 * 1024 ** 2,
  16 * 1024 ** 2,
  64 * 1024 ** 2,
];
