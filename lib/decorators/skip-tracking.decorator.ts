import { decorateWith, rejectBareDecorator, type TrackingDecorator } from './tracking-decision.js';

/**
 * Leaves a controller or a handler untracked. On a handler it beats `@TrackUsage()` on the
 * controller, and the other way round.
 *
 * @throws {TypeError} where `@TrackUsage()` stands on the same class or method.
 *
 * @example
 * \@SkipTracking()
 * \@Get('health')
 * health() {}
 *
 * @publicApi
 */
export function SkipTracking(...given: readonly never[]): TrackingDecorator {
  rejectBareDecorator('SkipTracking', given);
  return decorateWith({ track: false });
}
