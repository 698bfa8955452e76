import { decorateWith, rejectBareDecorator, type TrackingDecorator } from './tracking-decision.js';

/**
 * Excludes a controller or a handler from tracking. A handler's `@SkipTracking()` or
 * `@TrackUsage()` overrides the decorator of its controller.
 *
 * @throws {TypeError} if the same class or method has `@TrackUsage()`.
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
