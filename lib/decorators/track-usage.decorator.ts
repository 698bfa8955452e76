import {
  decorateWith,
  describeTarget,
  rejectBareDecorator,
  type TrackingDecorator,
} from './tracking-decision.js';

/**
 * The options of `@TrackUsage()`.
 *
 * @publicApi
 */
export interface TrackUsageRouteOptions {
  /**
   * Value of `record.blueprint`.
   * @default the controller's name
   */
  blueprint?: string;
  /**
   * Names of the storages that receive these records.
   * @default all storages
   */
  storages?: readonly string[];
}

/**
 * Tracks a controller or a handler. A handler's decorator overrides its controller's; options that
 * it omits come from the controller's decorator. A class without a decorator inherits that of the
 * class that it extends.
 *
 * @throws {TypeError} if `blueprint` or the list of `storages` is empty, or the same class or
 * method has `@SkipTracking()`.
 *
 * @example
 * \@TrackUsage({ blueprint: 'shop' })
 * \@Controller('cats')
 * export class CatsController {}
 *
 * @publicApi
 */
export function TrackUsage(
  options: TrackUsageRouteOptions = {},
  ...others: readonly never[]
): TrackingDecorator {
  rejectBareDecorator('TrackUsage', [options, ...others]);
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `@TrackUsage() was given ${String(options)}. Give it options such as { blueprint: 'shop' }, or nothing.`,
    );
  const { blueprint, storages } = options;
  const decorate = decorateWith({
    track: true,
    ...(blueprint !== undefined && { blueprint }),
    ...(storages !== undefined && { storages }),
  });
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    checkRouteOptions(options, describeTarget(target, name));
    decorate(target, name, descriptor);
  };
}

function checkRouteOptions({ blueprint, storages }: TrackUsageRouteOptions, place: string): void {
  if (blueprint !== undefined && (typeof blueprint !== 'string' || blueprint === '')) {
    throw new TypeError(
      `@TrackUsage({ blueprint }) on ${place} was given ${JSON.stringify(blueprint)}. Give it a name, or leave it out for the controller's.`,
    );
  }
  if (storages === undefined) return;
  const named =
    Array.isArray(storages) && storages.every((name) => typeof name === 'string' && name !== '');
  if (!named || storages.length === 0) {
    throw new TypeError(
      `@TrackUsage({ storages }) on ${place} was given ${JSON.stringify(storages)}. Give it the names of storages, or leave it out for all of them.`,
    );
  }
}

/**
 * Excludes a controller or a handler from tracking. A handler's `@SkipTracking()` or
 * `@TrackUsage()` overrides the decorator of its controller.
 *
 * @throws {TypeError} if the same class or method has `@TrackUsage()`.
 *
 * @example
 * \@SkipTracking()
 * \@Get('health')
 * health() {}
 *
 * @publicApi
 */
export function SkipTracking(...given: readonly never[]): TrackingDecorator {
  rejectBareDecorator('SkipTracking', given);
  return decorateWith({ track: false });
}
