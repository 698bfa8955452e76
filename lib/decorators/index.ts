export {
  getUsageStorageToken,
  InjectUsageStorage,
  parseStorageToken as storageNameOf,
  requestedStorageNames as wantedStorageNames,
} from './inject-usage-storage.decorator.js';
export { SkipTracking } from './skip-tracking.decorator.js';
export { TrackUsage, type TrackUsageRouteOptions } from './track-usage.decorator.js';
export {
  exchangeTrackVars,
  TrackVar,
  readTrackVars as trackVarsOf,
  type TrackVars,
} from './track-var.decorator.js';
export {
  findDecision as decisionOn,
  findOwnDecision as ownDecisionOn,
  type TrackingDecision,
  type TrackingDecorator,
} from './tracking-decision.js';
