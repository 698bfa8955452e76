/** A decorator's decision. Both decorators share one metadata key, so the nearest one applies. */
export type TrackingDecision =
  | { readonly track: false }
  | {
      readonly track: true;
      readonly blueprint?: string;
      readonly storages?: readonly string[];
    };

/** The metadata key of decisions. A string, so that two copies of this package share it. */
export const TRACKING_DECISION = 'nestjs-track-usage:decision';

/**
 * A decorator for classes and methods.
 *
 * @publicApi
 */
export type TrackingDecorator = (
  target: object,
  name?: string | symbol,
  descriptor?: PropertyDescriptor,
) => void;

/**
 * Creates a decorator that stores a decision on a class or a method.
 *
 * @returns A decorator that throws a TypeError if the class or method has the opposite decision.
 */
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
 * Rejects a decorator that is used without parentheses, as `@TrackUsage`. It is then called with
 * the decorated class or member, and would do nothing or replace it.
 *
 * @param given The arguments of the decorator.
 * @throws {TypeError} if the arguments are those of a decorator without parentheses.
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

/** The decision on `subject`, own or inherited. */
export function findDecision(subject: object): TrackingDecision | undefined {
  return Reflect.getMetadata(TRACKING_DECISION, subject) as TrackingDecision | undefined;
}

/** The decision on `subject` itself, without inherited ones. */
export function findOwnDecision(subject: object): TrackingDecision | undefined {
  return Reflect.getOwnMetadata(TRACKING_DECISION, subject) as TrackingDecision | undefined;
}

/** Names a decorated class or member in a message: `CatsController.findOne()`. */
export function describeTarget(target: object, name?: string | symbol): string {
  const type = typeof target === 'function' ? target : target.constructor;
  return name === undefined ? type.name : `${type.name}.${String(name)}()`;
}
