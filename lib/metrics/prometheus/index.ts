/**
 * Metrics for Prometheus.
 *
 * @module nestjs-track-usage/prometheus
 */
export type { MetricLabelOptions } from '../shared/label-options.js';
export type { PrometheusRegistry } from './prometheus-registry.js';
export { PrometheusWriter } from './prometheus.writer.js';
export type { PrometheusName, PrometheusWriterOptions } from './prometheus-writer.options.js';
