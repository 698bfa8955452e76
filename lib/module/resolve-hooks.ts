import type { Type } from '@nestjs/common';
import { summariesOf, SummaryHook } from '../summary/index.js';
import type {
  UsageHook,
  UsageHookFunction,
  UsageHookHandler,
} from '../storages/contract/usage-storage.js';

/** Finds or creates the instance of an injectable class. */
export type InstanceResolver = (type: Type<UsageHookHandler>) => Promise<UsageHookHandler>;

/** A storage's hooks by kind, each group in the given order. */
export interface ResolvedHooks {
  /** Summaries that the storage keeps. A summary that is given twice is listed once. */
  readonly summaries: readonly SummaryHook[];
  /** Functions to call for each record. */
  readonly functions: readonly UsageHookFunction[];
}

/**
 * Sorts a storage's hooks by kind.
 *
 * @throws {TypeError} if a value is not a hook or two summaries have one name. Names the storage.
 */
export function resolveHooks(
  storage: string,
  hooks: readonly UsageHook[],
  resolveInstance: InstanceResolver,
): ResolvedHooks {
  const functions: UsageHookFunction[] = [];
  for (const hook of hooks.flatMap(flatten)) {
    if (hook instanceof SummaryHook) continue;
    if (isHandlerClass(hook)) functions.push(createInstanceHook(hook, resolveInstance));
    else if (typeof hook === 'function') functions.push(hook);
    else if (isHandler(hook)) functions.push(createHandlerHook(hook));
    else
      throw new TypeError(
        `Storage '${storage}': hooks: expected functions, summaries such as sumUrls, or objects and injectable classes with onRecord, but got ${String(hook)}.`,
      );
  }
  return { summaries: collectSummaries(storage, hooks), functions };
}

function collectSummaries(storage: string, hooks: readonly UsageHook[]): SummaryHook[] {
  try {
    return summariesOf(hooks);
  } catch (error) {
    throw new TypeError(`Storage '${storage}': ${(error as Error).message}`, { cause: error });
  }
}

type SingleHook = Exclude<UsageHook, readonly UsageHook[]>;

function flatten(hook: UsageHook): SingleHook[] {
  return isGroup(hook) ? hook.flatMap(flatten) : [hook];
}

function isGroup(hook: UsageHook): hook is readonly UsageHook[] {
  return Array.isArray(hook);
}

// Resolves the instance at the first call, because the application's providers may not exist yet
// when the storages are opened.
function createInstanceHook(
  type: Type<UsageHookHandler>,
  resolveInstance: InstanceResolver,
): UsageHookFunction {
  let instance: Promise<UsageHookHandler> | undefined;
  const call: UsageHookFunction = async (record, storage) => {
    const handler = await (instance ??= resolveInstance(type));
    return handler.onRecord(record, storage);
  };
  return Object.defineProperty(call, 'name', { value: type.name });
}

function createHandlerHook(handler: UsageHookHandler): UsageHookFunction {
  const call: UsageHookFunction = (record, storage) => handler.onRecord(record, storage);
  // The log names a failing hook by its function's name.
  return Object.defineProperty(call, 'name', { value: handler.constructor.name });
}

function isHandler(hook: unknown): hook is UsageHookHandler {
  return (
    typeof hook === 'object' &&
    hook !== null &&
    typeof (hook as Partial<UsageHookHandler>).onRecord === 'function'
  );
}

function isHandlerClass(hook: unknown): hook is Type<UsageHookHandler> {
  return typeof hook === 'function' && isHandler(hook.prototype as unknown);
}
