/**
 * How much a spec sends: what a newcomer waits for; what CI has the time for; and with
 * `TRACK_USAGE_TEST_BIG=1` as much as a busy application, for a change that may matter there.
 */
export function amount(sizes: { few: number; inCI: number; big: number }): number {
  if (process.env['TRACK_USAGE_TEST_BIG']) return sizes.big;
  return process.env['CI'] === 'true' ? sizes.inCI : sizes.few;
}
