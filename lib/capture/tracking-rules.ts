import type { Type } from '@nestjs/common';
import { findDecision, findOwnDecision, type TrackingDecision } from '../decorators/index.js';
import { deprecationOf, type RouteNotice } from './routes/route-notice.js';
import { declaredVersions, type DeclaredVersions, type Versioning } from './api-versions.js';
import { CAPTURE_OPTIONS, type CaptureOptions } from './capture-options.js';

// Nest uses this type for handlers too.
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type
type Handler = Function;

/** How the requests of a handler are tracked. */
export interface TrackingRule {
  readonly tracked: boolean;
  readonly blueprint: string;
  readonly handler: string;
  readonly storages: readonly string[] | null;
  /** The versions that the handler answers; null if it has none. */
  readonly versions: DeclaredVersions | null;
  /** That the handler is deprecated; null if it is not. */
  readonly deprecated: RouteNotice | null;
}

/** Determines the tracking rule of each handler of each controller, once. */
export class TrackingRules {
  private readonly byClass = new WeakMap<Type, WeakMap<Handler, TrackingRule>>();
  private readonly includes: ReadonlySet<Type>;
  private readonly excludes: ReadonlySet<Type>;
  private readonly trackedByDefault: boolean;
  private readonly deprecationHeaders: boolean;

  /** @param versioning How the application is versioned. Called once its routes are registered. */
  constructor(
    {
      mode = CAPTURE_OPTIONS.mode.default,
      include,
      exclude,
      deprecationHeaders = CAPTURE_OPTIONS.deprecationHeaders.default,
    }: CaptureOptions,
    private readonly versioning: () => Versioning | null = () => null,
  ) {
    this.includes = new Set(include);
    this.excludes = new Set(exclude);
    this.trackedByDefault = mode === 'include';
    this.deprecationHeaders = deprecationHeaders;
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
    const versioning = this.versioning();
    const named = (decision?: TrackingDecision) => (decision?.track ? decision : undefined);
    return {
      tracked: (onHandler ?? onClass)?.track ?? this.trackedByDefault,
      blueprint: named(onHandler)?.blueprint ?? named(onClass)?.blueprint ?? controller.name,
      handler: name,
      storages: named(onHandler)?.storages ?? named(onClass)?.storages ?? null,
      versions: versioning && declaredVersions(controller, handler, versioning),
      deprecated: deprecationOf(controller, handler, this.deprecationHeaders),
    };
  }

  /** The decision of the nearest class that has one: by its decorator, else by the options. */
  private decisionOfClass(controller: Type): TrackingDecision | undefined {
    for (const type of prototypesOf(controller)) {
      const own = findOwnDecision(type);
      if (own !== undefined) return own;
      if (this.includes.has(type as Type)) return { track: true };
      if (this.excludes.has(type as Type)) return { track: false };
    }
    return undefined;
  }
}

/** The decision of the nearest method of that name. An override without one inherits it. */
function decisionOfMethod(controller: Type, name: string, handler: Handler) {
  const onHandler = findDecision(handler);
  if (onHandler !== undefined) return onHandler;
  for (const prototype of prototypesOf(controller.prototype as object)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    const decision = typeof method === 'function' ? findOwnDecision(method) : undefined;
    if (decision !== undefined) return decision;
  }
  return undefined;
}

/** The method's name. Another decorator may have replaced the function by one of another name. */
function methodName(controller: Type, handler: Handler): string {
  for (const prototype of prototypesOf(controller.prototype as object)) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (Object.getOwnPropertyDescriptor(prototype, name)?.value === handler) return name;
    }
  }
  return handler.name.replace(/^bound /, '');
}

function* prototypesOf(from: object): Generator<object> {
  const end = typeof from === 'function' ? Function.prototype : Object.prototype;
  for (
    let at: object | null = from;
    at !== null && at !== end;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    yield at;
  }
}
