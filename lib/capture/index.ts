export type { CaptureOptions, TrackUsageMode } from './capture-options.js';
export type { CapturedRequest, CaptureSink } from '../record/captured-request.js';
export * from './callers/index.js';
export { RequestCapture } from './request-capture.js';
export { RoutePatterns } from './http/route-patterns.js';
export { TrackUsageInterceptor } from './track-usage.interceptor.js';
