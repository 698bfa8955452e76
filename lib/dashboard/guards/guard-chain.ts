import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import { ContextIdFactory, type ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { thrownText } from '../format/failure.js';
import type { DashboardGuard } from '../dashboard-options.js';

/** Returns a guard for a request. */
type GuardSource = (context: ExecutionContext) => CanActivate | Promise<CanActivate>;

/** The guards of the application that stand before the page, one after the other. */
export class GuardChain {
  private constructor(private readonly guards: readonly GuardSource[]) {}

  /**
   * Finds each guard: an instance, a provider of the application, or else one that is created.
   *
   * @throws {Error} if a guard cannot be created.
   */
  static async open(guards: readonly DashboardGuard[], moduleRef: ModuleRef): Promise<GuardChain> {
    const sources: GuardSource[] = [];
    for (const guard of guards)
      sources.push(typeof guard === 'function' ? await sourceOf(guard, moduleRef) : () => guard);
    return new GuardChain(sources);
  }

  /** Whether all guards let a request pass. Rejects with what a guard throws. */
  async passes(context: ExecutionContext): Promise<boolean> {
    for (const source of this.guards) {
      const guard = await source(context);
      const given = await guard.canActivate(context);
      if (!(isObservable(given) ? await lastValueFrom(given) : given)) return false;
    }
    return true;
  }
}

async function sourceOf(type: Type<CanActivate>, moduleRef: ModuleRef): Promise<GuardSource> {
  try {
    const provided = moduleRef.get(type, { strict: false });
    return () => provided;
  } catch (error) {
    // Of each request its own.
    if ((error as Error)?.name === 'InvalidClassScopeException' || isScoped(error))
      return (context) => {
        const request = context.switchToHttp().getRequest<Record<string, unknown>>();
        const id = ContextIdFactory.getByRequest(request);
        moduleRef.registerRequestByContextId(request, id);
        return moduleRef.resolve(type, id, { strict: false });
      };
  }
  try {
    const created = await moduleRef.create(type);
    return () => created;
  } catch (cause) {
    throw new Error(
      `UsageDashboardModule: the guard ${type.name} could not be created: ${thrownText(cause)} Give ` +
        'the module that exports what it needs: ' +
        `UsageDashboardModule.forRoot({ guards: [${type.name}], imports: [AuthModule] }).`,
      { cause },
    );
  }
}

function isScoped(error: unknown): boolean {
  return /is marked as a scoped provider/.test((error as Error)?.message ?? '');
}
