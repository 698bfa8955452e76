export { emitThrough } from './event-emitter-bridge.js';
export { UsageEvents } from './usage-events.js';
export type { UsageSummaryEvent } from './usage-events.js';
