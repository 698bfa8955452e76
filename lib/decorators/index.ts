export {
  DeprecatedRoute,
  findDeprecation,
  type DeprecatedRouteOptions,
} from './deprecated-route.decorator.js';
export {
  getUsageStorageToken,
  InjectUsageStorage,
  parseStorageToken,
  requestedStorageNames,
} from './inject-usage-storage.decorator.js';
export { SkipTracking, TrackUsage, type TrackUsageRouteOptions } from './track-usage.decorator.js';
export {
  exchangeTrackVars,
  TrackVar,
  trackVars,
  readTrackVars,
  type TrackVars,
} from './track-var.decorator.js';
export {
  findDecision,
  findOwnDecision,
  type TrackingDecision,
  type TrackingDecorator,
} from './tracking-decision.js';
