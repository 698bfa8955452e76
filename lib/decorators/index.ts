export {
  getUsageStorageToken,
  InjectUsageStorage,
  storageNameOf,
  wantedStorageNames,
} from './inject-usage-storage.decorator.js';
export { SkipTracking } from './skip-tracking.decorator.js';
export { TrackUsage, type TrackUsageRouteOptions } from './track-usage.decorator.js';
export { exchangeTrackVars, TrackVar, trackVarsOf, type TrackVars } from './track-var.decorator.js';
export {
  decisionOn,
  ownDecisionOn,
  type TrackingDecision,
  type TrackingDecorator,
} from './tracking-decision.js';
