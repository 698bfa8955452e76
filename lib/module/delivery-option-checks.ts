import type { DeliveryOptions } from '../storages/contract/delivery-options.js';
import {
  isCount,
  isFunction,
  isMilliseconds,
  isOneOf,
  type OptionChecks,
} from '../support/option-checks.js';

/** The delivery options, on the module and on a storage alike. */
export const DELIVERY_OPTION_CHECKS: OptionChecks<DeliveryOptions> = {
  batchSize: isCount,
  flushInterval: isMilliseconds,
  maxPending: isCount,
  maxPendingBytes: isCount,
  overflow: isOneOf('drop-oldest', 'drop-newest'),
  storeTimeout: isMilliseconds,
  shutdownTimeout: isMilliseconds,
  deadLetter: isFunction,
};
