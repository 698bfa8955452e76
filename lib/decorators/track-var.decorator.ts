import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { shownValue } from '../support/shown-value.js';
import { rejectBareDecorator } from './tracking-decision.js';

/**
 * The variables that the application adds to `record.trackVar`, under any names. Values that JSON cannot
 * hold are converted when the response has ended.
 *
 * @publicApi
 */
export type TrackVars = Record<string, unknown>;

/** The property of a request that holds its variables. */
const TRACK_VARS = Symbol.for('nestjs-track-usage:track-vars');

interface Carrier {
  [TRACK_VARS]?: TrackVars;
}

/**
 * Injects the request's variables: one plain object for each request, shared by all its handlers.
 * Routes that are not tracked get the object too, but its values are not recorded.
 *
 * @example
 * \@Get(':id')
 * findOne(@Param('id') id: string, \@TrackVar() vars: TrackVars) {
 *   vars.plan = 'pro';
 * }
 *
 * @publicApi
 */
export const TrackVar: () => ParameterDecorator = (...given: readonly unknown[]) => {
  rejectBareDecorator('TrackVar', given);
  return injectVars();
};

const injectVars = createParamDecorator((_data: unknown, context: ExecutionContext): TrackVars =>
  context.getType() === 'http' ? ensureTrackVars(context.getArgByIndex(0)) : createTrackVars(),
);

/**
 * Returns the variables of a request, from wherever the request is known: guards, interceptors,
 * middleware, pipes. They are the object that `@TrackVar()` injects.
 *
 * @param request Express's or Fastify's request, or Node's.
 * @throws {TypeError} if it is not an object.
 *
 * @example
 * canActivate(context: ExecutionContext) {
 *   const request = context.switchToHttp().getRequest();
 *   trackVars(request).tenant = request.user.tenant;
 *   return true;
 * }
 *
 * @publicApi
 */
export function trackVars(request: object): TrackVars {
  if (typeof request !== 'object' || request === null)
    throw new TypeError(
      `trackVars(request): expected the request, as context.switchToHttp().getRequest() returns it, ` +
        `but got ${shownValue(request)}.`,
    );
  return ensureTrackVars(request);
}

function ensureTrackVars(request: { raw?: object } & object): TrackVars {
  const carrier: Carrier = request.raw ?? request;
  return (carrier[TRACK_VARS] ??= createTrackVars());
}

// The object has no prototype, so that `vars['__proto__'] = …` sets a variable.
function createTrackVars(): TrackVars {
  return Object.create(null) as TrackVars;
}

/** The variables of a Node request; undefined if no handler injected them. */
export function readTrackVars(rawRequest: object): TrackVars | undefined {
  return (rawRequest as Carrier)[TRACK_VARS];
}

/** Replaces the variables of a request and returns the previous ones. */
export function exchangeTrackVars(
  rawRequest: object,
  vars: TrackVars | undefined,
): TrackVars | undefined {
  const before = readTrackVars(rawRequest);
  (rawRequest as Carrier)[TRACK_VARS] = vars;
  return before;
}
