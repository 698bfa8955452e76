/**
 * Metrics for OpenTelemetry.
 *
 * @module nestjs-track-usage/opentelemetry
 */
export type { MetricLabelOptions } from '../shared/label-options.js';
export { OpenTelemetryWriter } from './opentelemetry.writer.js';
export type {
  OpenTelemetryName,
  OpenTelemetryWriterOptions,
} from './opentelemetry-writer.options.js';
