/**
 * How many random cases a property is tried on: all of them in CI, a fifth on a newcomer's
 * machine, where all tests together shall take no longer than a short break.
 */
export function propertyRuns(all: number): number {
  return process.env['CI'] === 'true' ? all : Math.ceil(all / 5);
}
