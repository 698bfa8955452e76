import {
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { POLICY_HEADERS } from '../http/policy-headers.js';
import { DASHBOARD_OPTIONS, type CheckedDashboardOptions } from '../dashboard-options.js';
import { GuardChain } from './guard-chain.js';

/** Stands before every byte below the page's path. What it refuses has the page's policy too. */
@Injectable()
export class UsageDashboardGuard implements CanActivate, OnModuleInit {
  private chain: GuardChain | null = null;

  constructor(
    private readonly moduleRef: ModuleRef,
    @Inject(DASHBOARD_OPTIONS) private readonly options: CheckedDashboardOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    this.chain = await GuardChain.open(this.options.guards, this.moduleRef);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const response = context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>();
    for (const [name, value] of Object.entries(POLICY_HEADERS)) response.header(name, value);
    return this.chain !== null && this.chain.passes(context);
  }
}
