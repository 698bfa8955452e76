import type { Type } from '@nestjs/common';
import { findDecision, findOwnDecision, type TrackingDecision } from '../decorators/index.js';
import { CAPTURE_OPTIONS, type CaptureOptions } from './capture-options.js';

// Nest calls them by this name too.
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type
type Handler = Function;

/** What becomes of the requests that a handler gets. */
export interface TrackingRule {
  readonly tracked: boolean;
  readonly blueprint: string;
  readonly handler: string;
  readonly storages: readonly string[] | null;
}

/** Works out the plan of each handler of each controller, once. */
export class TrackingRules {
  private readonly byClass = new WeakMap<Type, WeakMap<Handler, TrackingRule>>();
  private readonly includes: ReadonlySet<Type>;
  private readonly excludes: ReadonlySet<Type>;
  private readonly trackedByDefault: boolean;

  constructor({ mode = CAPTURE_OPTIONS.mode.default, include, exclude }: CaptureOptions) {
    this.includes = new Set(include);
    this.excludes = new Set(exclude);
    this.trackedByDefault = mode === 'include';
  }

  ruleFor(controller: Type, handler: Handler): TrackingRule {
    let ofClass = this.byClass.get(controller);
    if (ofClass === undefined) this.byClass.set(controller, (ofClass = new WeakMap()));
    let rule = ofClass.get(handler);
    if (rule === undefined) ofClass.set(handler, (rule = this.createRule(controller, handler)));
    return rule;
  }

  private createRule(controller: Type, handler: Handler): TrackingRule {
    const name = methodName(controller, handler);
    const onHandler = decisionOfMethod(controller, name, handler);
    const onClass = this.decisionOfClass(controller);
    const named = (decision?: TrackingDecision) => (decision?.track ? decision : undefined);
    return {
      tracked: (onHandler ?? onClass)?.track ?? this.trackedByDefault,
      blueprint: named(onHandler)?.blueprint ?? named(onClass)?.blueprint ?? controller.name,
      handler: name,
      storages: named(onHandler)?.storages ?? named(onClass)?.storages ?? null,
    };
  }

  /** The nearest class decides: its own decorator first, then the options that name it. */
  private decisionOfClass(controller: Type): TrackingDecision | undefined {
    for (const type of lineage(controller)) {
      const own = findOwnDecision(type);
      if (own !== undefined) return own;
      if (this.includes.has(type as Type)) return { track: true };
      if (this.excludes.has(type as Type)) return { track: false };
    }
    return undefined;
  }
}

/** The nearest method of that name decides, so an override inherits what it does not say. */
function decisionOfMethod(controller: Type, name: string, handler: Handler) {
  const onHandler = findDecision(handler);
  if (onHandler !== undefined) return onHandler;
  for (const prototype of lineage(controller.prototype as object)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    const decision = typeof method === 'function' ? findOwnDecision(method) : undefined;
    if (decision !== undefined) return decision;
  }
  return undefined;
}

/** The method's name. Another decorator may have put a function of another name in its place. */
function methodName(controller: Type, handler: Handler): string {
  for (const prototype of lineage(controller.prototype as object)) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (Object.getOwnPropertyDescriptor(prototype, name)?.value === handler) return name;
    }
  }
  return handler.name.replace(/^bound /, '');
}

function* lineage(from: object): Generator<object> {
  const end = typeof from === 'function' ? Function.prototype : Object.prototype;
  for (
    let at: object | null = from;
    at !== null && at !== end;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    yield at;
  }
}
