import type { TrackUsageModuleOptions } from './track-usage.options.js';
import { checkCookie } from './check-cookie.js';
import { checkGeoIp } from './check-geo-ip.js';
import { checkRetention } from './check-retention.js';
import { checkStorages } from './check-storages.js';
import { DELIVERY_OPTION_CHECKS } from './delivery-option-checks.js';
import {
  checkOptions,
  isBoolean,
  isBooleanOrFunction,
  isClassList,
  isCount,
  isFunction,
  isNameListOrFalse,
  isOneOf,
  isShare,
  isText,
  isTimeZone,
  type OptionChecks,
} from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

const MODULE_OPTION_CHECKS: OptionChecks<TrackUsageModuleOptions> = {
  mode: isOneOf('exclude', 'include'),
  include: isClassList,
  exclude: isClassList,
  storages: checkStorages,
  respectDoNotTrack: isBoolean,
  geoIp: checkGeoIp,
  cookie: checkCookie,
  visitors: isOneOf('daily'),
  serverName: isText,
  username: isFunction,
  skip: isFunction,
  sampleRate: isShare,
  excludeBots: isBooleanOrFunction,
  anonymize: isFunction,
  ip: isOneOf('full', 'masked', 'none'),
  redact: isNameListOrFalse,
  timeZone: isTimeZone,
  onTimeZoneChange: isOneOf('refuse', 'rebuild'),
  maxKeys: isCount,
  retention: checkRetention,
  events: isBoolean,
  ...DELIVERY_OPTION_CHECKS,
};

/** @throws {TrackUsageOptionsError} for the first option that does not fit. */
export function checkModuleOptions(options: unknown): TrackUsageModuleOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TrackUsageOptionsError('(all)', options, 'an object of options');
  checkOptions(options, MODULE_OPTION_CHECKS);
  const { include = [], exclude = [], cookie, visitors } = options as TrackUsageModuleOptions;
  if (cookie && visitors)
    throw new TrackUsageOptionsError(
      'visitors',
      visitors,
      'none beside the option cookie: a record has one visitorId',
    );
  const both = include.find((controller) => exclude.includes(controller));
  if (both)
    throw new TrackUsageOptionsError('exclude', both, 'controllers that include does not name');
  return options;
}
