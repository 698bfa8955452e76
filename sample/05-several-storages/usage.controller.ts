import { Controller, Get, Param } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';
import { Alerts } from './alerts.js';

@Controller('usage')
export class UsageController {
  constructor(
    private readonly usage: UsageService,
    private readonly alerts: Alerts,
  ) {}

  @Get('alerts')
  async alertsOfAll() {
    await this.usage.flush();
    return this.alerts.summary();
  }

  @Get('stats')
  stats() {
    return this.usage.stats();
  }

  /** Each storage can be asked by its name. */
  @Get(':storage')
  async latest(@Param('storage') storage: string) {
    await this.usage.flush();
    return this.usage.from(storage).getUsage({ limit: 20 });
  }
}
