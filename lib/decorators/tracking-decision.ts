/** What a decorator says of a class or a method. One key for both, so that the nearest one wins. */
export type TrackingDecision =
  | { readonly track: false }
  | {
      readonly track: true;
      readonly blueprint?: string;
      readonly storages?: readonly string[];
    };

/** Where it is kept. A string, so that two copies of this package understand one another. */
export const TRACKING_DECISION = 'nestjs-track-usage:decision';

/**
 * Stands on a class or on a method.
 *
 * @publicApi
 */
export type TrackingDecorator = (
  target: object,
  name?: string | symbol,
  descriptor?: PropertyDescriptor,
) => void;

/** A decorator that says `decision` on the class or the method it stands on. */
export function decorateWith(decision: TrackingDecision): TrackingDecorator {
  return (target, name, descriptor) => {
    const subject = (descriptor ? descriptor.value : target) as object;
    const before = Reflect.getOwnMetadata(TRACKING_DECISION, subject) as
      TrackingDecision | undefined;
    if (before !== undefined && before.track !== decision.track) {
      throw new TypeError(
        `@TrackUsage() and @SkipTracking() both stand on ${describeTarget(target, name)}. Keep one of them.`,
      );
    }
    Reflect.defineMetadata(TRACKING_DECISION, decision, subject);
  };
}

/**
 * Refuses a decorator that stands without its parentheses, as `@TrackUsage`: it is called with what
 * it stands on, and would do nothing, or put something else in its place.
 *
 * @param given What the decorator was called with.
 */
export function rejectBareDecorator(decorator: string, given: readonly unknown[]): void {
  const [target, name] = given;
  const isClass = typeof target === 'function';
  if (given.length < 2 && !isClass) return;
  const isMember = typeof name === 'string' || typeof name === 'symbol';
  const place =
    typeof target === 'object' || isClass
      ? describeTarget(target as object, isMember ? name : undefined)
      : 'a class';
  throw new TypeError(
    `@${decorator} stands without parentheses on ${place}. Write @${decorator}() there.`,
  );
}

/** The decision on `subject`, or on what it inherits from. */
export function findDecision(subject: object): TrackingDecision | undefined {
  return Reflect.getMetadata(TRACKING_DECISION, subject) as TrackingDecision | undefined;
}

/** The decision on `subject` itself. */
export function findOwnDecision(subject: object): TrackingDecision | undefined {
  return Reflect.getOwnMetadata(TRACKING_DECISION, subject) as TrackingDecision | undefined;
}

export function describeTarget(target: object, name?: string | symbol): string {
  const type = typeof target === 'function' ? target : target.constructor;
  return name === undefined ? type.name : `${type.name}.${String(name)}()`;
}
