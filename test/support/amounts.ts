/**
 * How much a spec sends: what a newcomer waits for; or in CI, and with `TRACK_USAGE_TEST_BIG=1`, so
 * much that races show.
 */
export function amount({ few, many }: { few: number; many: number }): number {
  const isLong = process.env['CI'] === 'true' || !!process.env['TRACK_USAGE_TEST_BIG'];
  return isLong ? many : few;
}
