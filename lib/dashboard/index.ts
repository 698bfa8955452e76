/**
 * The page that shows the usage.
 *
 * @module nestjs-track-usage/dashboard
 */
export { basicAuth } from './guards/basic-auth.js';
export { UsageDashboardModule } from './dashboard.module.js';
export type {
  ConsumerDescription,
  DashboardGuard,
  DescribeConsumers,
  UsageDashboardOptions,
} from './dashboard-options.js';
