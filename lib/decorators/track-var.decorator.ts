import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { rejectBareDecorator } from './tracking-decision.js';

/**
 * What a handler adds to `record.trackVar`. Any names and values; those that JSON cannot carry are
 * made to fit when the response has ended.
 *
 * @publicApi
 */
export type TrackVars = Record<string, unknown>;

/** Where a request carries its variables. */
const TRACK_VARS = Symbol.for('nestjs-track-usage:track-vars');

interface Carrier {
  [TRACK_VARS]?: TrackVars;
}

/**
 * Injects the request's variables: one plain object for each request, shared by all who ask for
 * it. It is there on routes that are not tracked too, where it goes nowhere.
 *
 * @example
 * \@Get(':id')
 * findOne(@Param('id') id: string, @TrackVar() vars: TrackVars) {
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

function ensureTrackVars(request: { raw?: object } & object): TrackVars {
  const carrier: Carrier = request.raw ?? request;
  return (carrier[TRACK_VARS] ??= createTrackVars());
}

// Without a prototype `vars['__proto__'] = …` is a name like any other.
function createTrackVars(): TrackVars {
  return Object.create(null) as TrackVars;
}

/** What handlers added to a request of Node's, if any asked for it. */
export function readTrackVars(rawRequest: object): TrackVars | undefined {
  return (rawRequest as Carrier)[TRACK_VARS];
}

/** Replaces what handlers have added, or will add, and returns what was there. */
export function exchangeTrackVars(
  rawRequest: object,
  vars: TrackVars | undefined,
): TrackVars | undefined {
  const before = readTrackVars(rawRequest);
  (rawRequest as Carrier)[TRACK_VARS] = vars;
  return before;
}
