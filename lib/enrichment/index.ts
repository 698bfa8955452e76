export type { EnrichmentOptions } from './enrichment-options.js';
export { DEFAULT_REDACTED_NAMES } from './privacy/default-redacted-names.js';
export {
  RecordBuilder,
  type ClientFacts,
  type EnrichmentLoss,
  type RecordBuilderEvents,
} from './record-builder.js';
