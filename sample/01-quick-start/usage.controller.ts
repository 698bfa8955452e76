import { Controller, Get } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';

@Controller('latest')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  /** The latest records. */
  @Get()
  async latest() {
    await this.usage.flush();
    return this.usage.getUsage({ limit: 20 });
  }

  /** How often, how fast and how much, by route and hour, day and month. */
  @Get('routes')
  async routes() {
    await this.usage.flush();
    return this.usage.getSum('route');
  }
}
